import Domain
import Rewards
import Testing

@Suite struct LocalRewardTests {
    static let lexicon = """
        good\t1.9\t0.94\t[2, 1]
        bad\t-2.5\t0.67\t[-3]
        :)\t2.0\t1.1\t[2]
        can't stand\t-2.0\t0.6\t[-2]
        stand\t0.5
        HAPPY\t2.7\t0.9\t[3]

        d:\t1.2
        D:\t-2.9
        """

    private func scorer(_ spec: Value) throws -> RewardScorer {
        try RewardPlan(spec).scorer(files: ["words.txt": Self.lexicon])
    }

    private func value(_ spec: Value, _ completion: String, tokens: Int? = nil) throws -> Double? {
        let input = RewardInput(prompt: "p", completion: completion, tokenCount: tokens)
        return try scorer(spec).score(input).value
    }

    @Test(arguments: [
        ("", 0.0), ("nothing listed here", 0), ("good", 1.9), ("GOOD, good!", 3.8),
        ("good,bad", -0.6), ("good\nbad\t:)", 1.4), ("I can't stand it", -2), ("stand", 0.5),
        ("happy", 2.7), ("D:", 1.2), ("goodness", 0), ("(good)", 1.9),
    ])
    func `lexicon sums the ratings of the words found`(_ text: String, _ expected: Double) throws {
        let found = try value(["name": "lexicon", "file": "words.txt"], text)
        #expect(abs((found ?? .nan) - expected) < 1e-12)
    }

    @Test func `lexicon averages and turns negated ratings when asked`() throws {
        let mean: Value = ["name": "lexicon", "file": "words.txt", "aggregate": "mean"]
        #expect(abs((try value(mean, "good bad other") ?? .nan) - -0.3) < 1e-12)
        #expect(try value(mean, "other") == 0)
        let negation: Value = ["name": "lexicon", "file": "words.txt", "negation": true]
        #expect(abs((try value(negation, "not very good") ?? .nan) - 1.9 * -0.74) < 1e-12)
        #expect(abs((try value(negation, "isn't bad") ?? .nan) - 2.5 * 0.74) < 1e-12)
        #expect(try value(negation, "not one of the four good") == 1.9)
    }

    @Test func `a malformed lexicon is refused by line and an unloaded one by name`() throws {
        let plan = try RewardPlan(["name": "lexicon", "file": "w"])
        #expect(plan.files == ["w"])
        let malformed = #expect(throws: Faults.self) {
            try plan.scorer(files: ["w": "good\t1\r\nbad -1\r\n\r\nugly\tx"])
        }
        #expect(malformed?.list.map { $0.path } == ["$.file", "$.file"])
        #expect(malformed?.list.first?.message.contains("line 2") == true)
        #expect(malformed?.list.last?.message.contains("line 4") == true)
        #expect(throws: Faults.self) { try plan.scorer(files: ["w": "\n"]) }
        let unloaded = #expect(throws: Faults.self) { try plan.scorer() }
        #expect(unloaded?.list.first?.message.contains("w") == true)
    }

    @Test(arguments: [
        ("linear", "a b c d", 1.0), ("linear", "a b", 0.5), ("linear", "", 0),
        ("linear", "a b c d e f g h i j", 0), ("at_most", "a", 1), ("at_most", "a b c d e", 0.75),
        ("at_least", "a b c d e", 1), ("at_least", "a b c", 0.75), ("gaussian", "a b c d", 1),
    ])
    func `length falls with the distance to the target`(
        _ shape: String,
        _ text: String,
        _ expected: Double
    ) throws {
        #expect(
            try value(["name": "length", "target": 4, "shape": .string(shape)], text) == expected
        )
    }

    @Test func `length counts characters, words or tokens`() throws {
        #expect(try value(["name": "length", "target": 3, "unit": "characters"], "día") == 1)
        let tokens: Value = ["name": "length", "target": 3, "unit": "tokens"]
        #expect(try value(tokens, "x", tokens: 3) == 1)
        #expect(try value(tokens, "x") == nil)
        let narrow: Value = ["name": "length", "target": 4, "shape": "gaussian", "width": 1]
        #expect(abs((try value(narrow, "a b c") ?? .nan) - 0.6065306597126334) < 1e-15)
    }

    @Test func `regex scores finds once or every time`() throws {
        let once: Value = ["name": "regex", "pattern": "a+b", "match": 2, "otherwise": -1]
        #expect(try value(once, "xaab aab") == 2)
        #expect(try value(once, "AB") == -1)
        let every: Value = [
            "name": "regex", "pattern": "ab", "match": 0.5, "count": "every", "ignore_case": true,
        ]
        #expect(try value(every, "ab AB aB b") == 1.5)
        #expect(try value(every, "") == 0)
        #expect(try value(["name": "regex", "pattern": "^$"], "") == 1)
    }

    @Test func `regex refuses bad patterns and leaves long texts unscored`() throws {
        let faults = #expect(throws: Faults.self) {
            try scorer(["name": "regex", "pattern": "(open"])
        }
        #expect(faults?.list.first?.path == "$.pattern")
        let short: Value = ["name": "regex", "pattern": "a", "maximum_characters": 3]
        #expect(try value(short, "aaaa") == nil)
        #expect(try value(short, "aaa") == 1)
    }

    @Test(.timeLimit(.minutes(15)))
    func `regex gives up on patterns that backtrack without end`() throws {
        let spec: Value = ["name": "regex", "pattern": "^(a+)+$"]
        let text = String(repeating: "a", count: 5000) + "!"
        let input = RewardInput(prompt: "", completion: text)
        guard case .unscored = try scorer(spec).score(input).outcome else {
            Issue.record("the search was not given up")
            return
        }
    }
}
