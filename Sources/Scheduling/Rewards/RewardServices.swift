import Domain
import Rewards

/// What rewards may use beside workers; the same for all runs and requests of a control plane.
struct RewardServices: Sendable {
    /// Outgoing HTTP; `nil` where there is none.
    var transport: (any RemoteTransport)?
    /// Requests under way, by URL.
    var gate = RemoteGate(limit: 8)
    /// What runs graders in Python; `nil` when they are not allowed.
    var python: PythonRunner?
    /// Seeds the pauses between attempts.
    var seed: UInt64 = 0
    /// The unit of these pauses; tests make it nothing.
    var firstPause: Duration = .milliseconds(500)
}

extension RewardServices {
    /// What a reward would need and may not use here, in words; `nil` when there is nothing.
    func refusal(of plan: RewardPlan) -> String? {
        for source in plan.leaves.compactMap({ $0.source }) {
            switch source {
            case .python where python == nil:
                return "python graders are off: start with --allow-python-graders"
            case .remote(let service):
                guard let transport else { return "outgoing HTTP is not set up here" }
                if let reason = transport.refusal(of: service.url) { return reason }
            default: break
            }
        }
        return nil
    }
}
