import Domain
import Foundation
import Statistics
import Testing

struct AnnotatorModelTests {
    /// Annotators who are right as often as `rates` says, each on every item.
    private static func votes(
        _ rates: [String: Double],
        items: Int
    ) -> (votes: [AnnotatorModel.Vote], truths: [Bool]) {
        var random = PhiloxSequence(seed: 7)
        let truths = (0..<items).map { _ in Bool.random(using: &random) }
        var votes: [AnnotatorModel.Vote] = []
        for item in 0..<items {
            for name in rates.keys.sorted() {
                let isRight = Double.random(in: 0..<1, using: &random) < (rates[name] ?? 0)
                let isFirst = isRight ? truths[item] : !truths[item]
                votes.append(.init(annotator: name, item: item, isFirst: isFirst))
            }
        }
        return (votes, truths)
    }

    @Test func `rates are found from how people agree, and are better than counting heads`() {
        let rates = ["ada": 0.95, "bob": 0.9, "cy": 0.55, "di": 0.55, "eve": 0.55]
        let (votes, truths) = Self.votes(rates, items: 600)
        let model = AnnotatorModel(votes)
        for (name, rate) in rates { #expect(abs(model.rate(of: name) - rate) < 0.06, "\(name)") }
        func right(_ model: AnnotatorModel) -> Int {
            let odds = model.judging(votes)
            return truths.indices.count { ((odds[$0] ?? 0) > 0) == truths[$0] }
        }
        // With equal weights the three who guess outvote the two who know; what is found is nearly as
        // good as knowing the rates.
        let (heads, found) = (right(AnnotatorModel()), right(model))
        let oracle = votes.reduce(into: [Int: Double]()) { odds, vote in
            let rate = rates[vote.annotator ?? ""] ?? 0.5
            odds[vote.item, default: 0] += (vote.isFirst ? 1 : -1) * log(rate / (1 - rate))
        }
        let best = truths.indices.count { ((oracle[$0] ?? 0) > 0) == truths[$0] }
        #expect(heads + 20 < found && found >= best - 30, "\(heads) \(found) \(best)")
    }

    @Test func `a known answer tells of one who is alone`() {
        let votes = (0..<30).map {
            AnnotatorModel.Vote(annotator: "ada", item: $0, isFirst: $0 % 3 != 0)
        }
        #expect(AnnotatorModel(votes).rate(of: "ada") == AnnotatorModel.priorRate)
        let truths = Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, true) })
        // 20 of 30, beside 8 of 10 before.
        #expect(abs(AnnotatorModel(votes, truths: truths).rate(of: "ada") - 28.0 / 40) < 1e-12)
    }

    @Test func `nobody's word is turned round, and one who guesses has none`() {
        let votes = (0..<200).map {
            AnnotatorModel.Vote(annotator: "eve", item: $0, isFirst: false)
        }
        let truths = Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, true) })
        let model = AnnotatorModel(votes, truths: truths)
        #expect(model.rate(of: "eve") == 0.5 && model.weight(of: "eve") == 0)
        #expect(model.judging([votes[0]]) == [0: 0])
        #expect(model.weight(of: nil) == 1 && model.weight(of: "unknown") == 1)
    }

    @Test func `strength counts as it should`() throws {
        let model = AnnotatorModel()
        func odds(_ strength: Double) -> Double? {
            model.judging([.init(annotator: nil, item: 0, isFirst: true, strength: strength)])[0]
        }
        let sure = try #require(odds(1)), half = try #require(odds(0.5))
        #expect(abs(sigmoid(sure) - 0.8) < 1e-12 && abs(sigmoid(half) - 0.65) < 1e-12)
    }
}
