import Domain
import Kernels
import Testing

@testable import Training

/// Rock beats scissors, scissors beat paper, paper beats rock: three kinds of texts, of which each is
/// preferred to the next.
@Suite struct `Cyclic preferences` {
    private static let letters = ["ab", "mn", "yz"].map { Array($0) }

    private struct Lesson {
        var texts: [RewardText] = []
        var pairs: [(chosen: Int, rejected: Int)] = []

        init(kindSize: Int, pairCount: Int, seed: UInt64) {
            var random = PhiloxSequence(seed: seed)
            for kind in 0..<3 {
                for _ in 0..<kindSize {
                    let count = Int.random(in: 8...12, using: &random)
                    let word = (0..<count).map { _ in
                        letters[kind].randomElement(using: &random) ?? "?"
                    }
                    texts.append(RewardText(prompt: "", completion: String(word)))
                }
            }
            for index in 0..<pairCount {
                // As many of each kind against the next: no kind is the better one.
                let kind = index % 3
                let better = kind * kindSize + Int.random(in: 0..<kindSize, using: &random)
                let worse = (kind + 1) % 3 * kindSize + Int.random(in: 0..<kindSize, using: &random)
                pairs.append((better, worse))
            }
        }
    }

    /// The share of held-out pairs that a head, fitted to others, ranks rightly.
    private func accuracy(_ head: RewardHead?) throws -> Double {
        var spec = RewardModelSpec()
        spec.head = head
        let model = try TinyModel()
        let session = try RewardSession(
            modelFolder: model.path,
            checkpointFolder: nil,
            spec: spec,
            training: nil,
            backend: CPUBackend(threadCount: 1)
        )
        let lesson = Lesson(kindSize: 30, pairCount: 270, seed: 1)
        var data = HeadFitData(method: .bradleyTerry, items: lesson.texts)
        data.chosen = lesson.pairs.map { $0.chosen }
        data.rejected = lesson.pairs.map { $0.rejected }
        _ = try session.reward.fitHead(data, l2: 0.03, seed: 1)
        let held = Lesson(kindSize: 30, pairCount: 300, seed: 2)
        let matrix = try session.reward.compare([held.texts])[0]
        let right = held.pairs.count { matrix[$0.chosen][$0.rejected] > 0.5 }
        return Double(right) / Double(held.pairs.count)
    }

    @Test func `are learned by a preference head`() throws {
        let head = RewardHead.preference(.init(dimensions: 2, normalises: false, temperature: 1))
        let accuracy = try accuracy(head)
        #expect(accuracy > 0.95, "\(accuracy)")
    }

    /// Whatever the scores of three kinds, at most two of the three rules agree with their order.
    @Test func `cannot be learned by a score`() throws {
        let accuracy = try accuracy(nil)
        #expect(accuracy < 0.7, "\(accuracy)")
    }
}
