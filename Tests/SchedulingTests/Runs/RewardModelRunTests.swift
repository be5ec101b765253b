import Domain
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs that make reward models, of every kind of data and head.
@Suite struct `Reward model runs` {
    /// A kind of data with what learns from it.
    struct Lesson: Sendable, CustomStringConvertible {
        var description: String
        var items: [Value]
        var objective: String
        var fit: RewardModelSpec.HeadFit
        var head: RewardHead?
        var steps = true
    }

    private static let pairs: [Value] = (0..<10).map {
        ["prompt": "p", "chosen": .string("good \($0)"), "rejected": .string("bad \($0)")]
    }
    private static let labels: [Value] = (0..<12).map {
        ["completion": .string("text \($0)"), "label": .bool($0.isMultiple(of: 2))]
    }
    private static let lists: [Value] = (0..<8).map {
        [
            "prompt": .string("p\($0)"),
            "completions": [.string("a\($0)"), .string("b\($0)"), .string("c\($0)")],
            "ranks": [2, 1, 3],
        ]
    }
    private static let ratings: [Value] = (0..<12).map {
        ["completion": .string("text \($0)"), "rating": .integer($0 % 5)]
    }
    private static let attributes: [Value] =
        (0..<12).map {
            [
                "prompt": "p", "completion": .string("text \($0)"),
                "attributes": ["helpfulness": .integer($0 % 5), "verbosity": .integer($0 % 3)],
            ]
        } + pairs

    static let lessons = [
        Lesson(
            description: "ensemble",
            items: pairs,
            objective: "bradley_terry",
            fit: .bradleyTerry,
            head: .ensemble(.init(members: 3, bootstrap: true))
        ),
        Lesson(
            description: "preference",
            items: pairs,
            objective: "bradley_terry",
            fit: .bradleyTerry,
            head: .preference(.init(dimensions: 4, normalises: false, temperature: 1))
        ),
        Lesson(
            description: "pair",
            items: pairs,
            objective: "binary_labels",
            fit: .logistic,
            head: .pair(.init(template: "{prompt} {a} or {b}"))
        ),
        Lesson(
            description: "attributes",
            items: attributes,
            objective: "bradley_terry",
            fit: .ridge,
            head: .attributes(.init()),
            steps: false
        ),
        Lesson(description: "labels", items: labels, objective: "binary_labels", fit: .logistic),
        Lesson(
            description: "lists",
            items: lists,
            objective: "plackett_luce",
            fit: .plackettLuce
        ),
        Lesson(
            description: "ratings",
            items: ratings,
            objective: "rating_regression",
            fit: .ridge
        ),
    ]

    private func spec(_ lesson: Lesson) -> RunSpec {
        var spec = RunSpec(
            name: "taste",
            kind: .rewardModel,
            model: "tiny",
            objective: NamedParameters(name: lesson.objective)
        )
        spec.data = .items(lesson.items)
        spec.rewardModel.head = lesson.head
        spec.rewardModel.headFit = lesson.fit
        spec.rewardModel.holdout = 0.3
        (spec.iterations, spec.minibatchSize) = (2, 3)
        spec.updateEpochs = lesson.steps ? 1 : 0
        return spec
    }

    @Test(arguments: lessons)
    func `ends in the same bytes when killed at any request, and says what it made`(
        _ lesson: Lesson
    ) async throws {
        let whole = try await Bench()
        let first = whole.launcher.requests.count
        let run = try await whole.complete(spec(lesson))
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let end = whole.launcher.requests.count
        let plane = try await whole.plane()
        let kind = lesson.head?.kind ?? .scalar
        #expect(try await plane.model("taste").rewardKind == kind)
        let metrics = try #require(try await plane.metrics("taste").last).metrics
        #expect((metrics["preference/pairs"] ?? 0) > 0)
        #expect((0...1).contains(metrics["preference/accuracy"] ?? -1))
        let requests = whole.launcher.requests[first..<end]
        #expect(requests.contains("compare") == kind.compares)
        #expect(requests.contains("update") == lesson.steps)
        await plane.shutdown()
        let expected = try await Remains(of: "run-1", in: whole)
        for number in (first + 1)..<end {
            let bench = try await Bench()
            let plane = try await bench.plane()
            bench.launcher.interfere { moment, current, _ throws(HoneError) in
                if moment == .after && current == number { await plane.shutdown() }
            }
            _ = try await plane.submit(spec(lesson))
            await plane.run()
            bench.launcher.interfere(with: nil)
            try await bench.drive(try await bench.plane(), until: "run-1")
            #expect(try await Remains(of: "run-1", in: bench) == expected, "at \(number)")
        }
    }

    @Test func `steps learn from what the data says of each text`() async throws {
        func updates(_ name: String) async throws -> [WorkerRequest.Update] {
            let lesson = try #require(Self.lessons.first { $0.description == name })
            return try await Bench().updates(spec(lesson)).1
        }
        let labels = try await updates("labels").flatMap(\.sequences)
        #expect(Set(labels.map(\.label)) == [true, false])
        let ratings = try await updates("ratings").flatMap(\.sequences)
        #expect(ratings.allSatisfy { (0...4).contains($0.scalars["reward"] ?? -1) })
        let lists = try await updates("lists")
        for update in lists {
            let groups = Dictionary(grouping: update.sequences, by: \.group)
            #expect(groups.values.allSatisfy { $0.map { $0.scalars["reward"] } == [0, -1, -2] })
        }
        let sides = try await updates("pair").flatMap(\.sequences)
        // Some pairs are read with the better one first, some the other way round.
        #expect(sides.count == 7 && Set(sides.map(\.label)) == [true, false])
    }

    @Test func `what does not go together is refused with what to write`() async throws {
        func faults(
            _ name: String,
            _ change: (inout RunSpec) -> Void
        ) async throws -> [String] {
            let lesson = try #require(Self.lessons.first { $0.description == name })
            var spec = spec(lesson)
            change(&spec)
            return try await Bench().plane().validate(spec).faults.map(\.path)
        }
        let objective = "$.objective.name"
        let fit = "$.reward_model.head_fit"
        #expect(
            try await faults("labels") { $0.objective.name = "plackett_luce" } == [objective]
        )
        #expect(try await faults("labels") { $0.rewardModel.headFit = .ridge } == [fit])
        #expect(try await faults("ratings") { $0.objective.name = "binary_labels" } == [objective])
        #expect(try await faults("ratings") { $0.rewardModel.headFit = .logistic } == [fit])
        #expect(try await faults("pair") { $0.objective.name = "bradley_terry" } == [objective])
        #expect(
            try await faults("attributes") { $0.updateEpochs = 1 } == ["$.update_epochs"]
        )
        #expect(
            try await faults("ensemble") {
                $0.rewardModel.head = .ensemble(.init(members: 3, bootstrap: false))
            } == ["$.reward_model.head.bootstrap"]
        )
        #expect(
            try await faults("labels") { spec in
                spec.data = .items(Self.labels.filter { $0["label"] == true })
            } == ["$.data"]
        )
    }
}
