public import Domain
import Rewards

extension PythonRunner {
    /// Tries a grader, to know before the first real one whether it can be kept from the network.
    ///
    /// - Returns: What must be said at the start, where graders have the network and may; else `nil`.
    /// - Throws: `.forbidden` where they would have it and may not, or no grader runs at all.
    public func check() async throws(HoneError) -> String? {
        let confined = keepingFromNetwork
        let score = await confined.trial()
        if score.value != nil { return nil }
        let reason = score.reason ?? "no answer was given"
        guard mayHaveNetwork, await trial().value != nil else {
            throw HoneError(.forbidden, reason, param: "allow_python_graders")
        }
        return "graders in Python have the network: \(reason)"
    }

    private func trial() async -> RewardScore {
        let scores = await grade(
            "def grade(sample, item): return 1",
            [Case(sample: [:], item: [:])]
        )
        return scores.first ?? RewardScore(unscored: "no answer was given")
    }

    /// Why a grader was not run that would have had the network; `reason` is the system's.
    static func networkRefusal(_ reason: String) -> String {
        "graders in Python cannot be kept from the network here, because the system gives them no "
            + "namespace of their own (\(reason)): permit user namespaces, or start with "
            + "--allow-python-network"
    }
}
