import Domain
import Rewards
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct ResetTests {
    private func rollouts(_ share: Double, _ completion: String) async throws -> [RolloutRecord] {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.evaluation = nil
        spec.iterations = 4
        spec.prompts = .items(
            ["a", "b", "c"].map { ["prompt": .string($0), "completion": .string(completion)] }
        )
        spec.resets = ResetSpec(share: share)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // What is learned from is what the policy wrote: four tokens each.
        for update in updates {
            #expect(
                update.groups.allSatisfy { $0.completions.allSatisfy { $0.elements.count == 4 } }
            )
        }
        return try await bench.trained()
    }

    /// How many tokens of the completion each rollout was begun with.
    private func prefixes(_ rollouts: [RolloutRecord], _ completion: String) -> [Int] {
        let tokens = completion.utf8.map { Int32($0) }
        return rollouts.map { record in
            guard case .text(let prompt) = record.prompt else {
                Issue.record("\(record.prompt)")
                return 0
            }
            let begun = Array(record.rollout.promptTokens.dropFirst(prompt.utf8.count))
            #expect(begun == Array(tokens.prefix(begun.count)))
            // The reward sees the prompt as it was, and the whole completion.
            let prefix = begun.map(String.init).joined()
            #expect(record.rollout.text.hasPrefix(prefix))
            let drawn = record.rollout.completionTokens.map { String($0) }
            #expect(record.rewardInput.completion == prefix + drawn.joined(separator: " "))
            return begun.count
        }
    }

    @Test func `completions are begun with from one to all but one of the data's tokens`()
        async throws
    {
        let all = try await rollouts(1, "abcd")
        let lengths = prefixes(all, "abcd")
        #expect(Set(lengths) == [1, 2, 3])
        // A group has one prompt.
        for group in Dictionary(
            grouping: all.indices,
            by: { "\(all[$0].iteration) \(all[$0].promptIndex)" }
        )
        .values {
            #expect(Set(group.map { lengths[$0] }).count == 1)
        }
        let half = prefixes(try await rollouts(0.5, "abcd"), "abcd")
        #expect(half.contains(0) && half.contains { $0 > 0 })
        // Of one token there is nothing to begin with and still something to write.
        let none = prefixes(try await rollouts(1, "x"), "x")
        #expect(none.allSatisfy { $0 == 0 })
    }
}
