import APITypes
import Domain
import Foundation
import Store

/// A leased comparison as a task of a Label Studio project.
///
/// Its data serves `<Pairwise>` on `answer1` and `answer2`, `<Ranker>` on `items`, and `<Rating>` and
/// `<Choices>` on a text that is named `answer1` or `answer2`.
struct LabelStudioTask: Sendable, Hashable {
    /// What its answer names.
    let lease: Int
    /// The element of `POST /api/projects/{id}/import`.
    let json: Value
    /// What tells it from every other task, of this server and of others: it is found again by that.
    let mark: String

    init(_ lease: AnnotationLease) {
        self.lease = lease.id
        let sides = [lease.first, lease.second]
        let prompt = PromptInput.words(lease.prompt)
        mark = Self.mark(
            [String(lease.id), String(lease.expiresAt.timeIntervalSince1970), prompt]
                + sides.map(\.text)
        )
        let items = sides.enumerated().map { place, side -> Value in
            ["id": .string("answer\(place + 1)"), "body": .string(side.text)]
        }
        json = [
            "data": [
                "prompt": .string(prompt), "answer1": .string(lease.first.text),
                "answer2": .string(lease.second.text), "items": .array(items),
                "hone_lease": .integer(lease.id), "hone_run": .string(lease.runID ?? ""),
                "hone_rollouts": .array(sides.map { .integer($0.rollout ?? 0) }),
                "hone_task": .string(mark),
            ]
        ]
    }

    private static func mark(_ parts: [String]) -> String {
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        return SHA256.digest(Array(text.utf8)).prefix(12)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
