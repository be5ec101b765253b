import APITypes
import Client
import Domain
import Foundation

/// Answers what people are asked by a reward, as often wrong as it shall be: a dry run of a labelled
/// run, or a simulated annotator of an experiment.
struct SimulatedAnnotator {
    let client: HoneClient
    /// The run that asks, which is followed to its end; `nil`: until nothing is asked.
    let run: String?
    let annotator: String
    /// Decides by its scores; equal scores are a tie.
    let reward: Value
    /// The share of answers that are turned round.
    let noise: Double
    let seed: UInt64

    /// How often it looks for questions, and how many it takes at once.
    private static let pause = Duration.milliseconds(100)
    private static let batch = 64

    /// Answers until the run rests.
    ///
    /// - Returns: how many it answered.
    func work() async throws -> Int {
        var count = 0
        while true {
            // Asked first: what comes between the two requests is then seen by the next round.
            let isOver = try await isOver()
            let leases = try await lease()
            for lease in leases { try await answer(lease) }
            count += leases.count
            if leases.isEmpty {
                if isOver { return count }
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private func isOver() async throws -> Bool {
        guard let run else { return true }
        let object = try await client.get(RunObject.self, "/v1/runs/\(HoneClient.escaped(run))")
        return object.state.isFinal || object.state == .paused
    }

    private func lease() async throws -> [AnnotationObject] {
        var body: [String: Value] = [
            "annotator": .string(annotator), "n": .integer(Self.batch),
        ]
        body["run"] = run.map { .string($0) }
        let path = "/v1/annotations/lease"
        return try await client.post(ListPage<AnnotationObject>.self, path, .object(body)).data
    }

    private func answer(_ item: AnnotationObject) async throws {
        let items = [item.first, item.second].map { side -> Value in
            ["prompt": item.prompt, "completion": .string(side.text)]
        }
        let request: Value = ["reward": reward, "items": .array(items)]
        let scores = try await client.post(ScoresObject.self, "/v1/rewards", request).scores
        guard scores.count == 2, let first = scores[0].score, let second = scores[1].score else {
            _ = try await client.delete("/v1/annotations/\(item.id)")
            return
        }
        let isWrong = Philox(seed: seed).uniform(item.id, 0, 0, 0) < noise
        let word = first == second ? "tie" : (first > second) != isWrong ? "first" : "second"
        _ = try await client.post(
            AnnotationReply.self,
            "/v1/annotations/\(item.id)",
            ["verdict": ["kind": "pairwise", "value": .string(word)]]
        )
    }
}
