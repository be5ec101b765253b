import Kernels
import Models

/// A reference that is a running average of the policy: it moves with every optimizer step.
///
/// With adapters the average is of the adapters' matrices, over the base that both share.
final class MovingReference {
    /// The file of a checkpoint that holds it.
    static let fileName = "reference.safetensors"

    /// Its own weights, or its own adapters'.
    let arena: ParameterArena
    private let policy: ParameterArena
    private let trained: ParameterTable
    private let decay: Double
    private let backend: any Backend

    /// A reference that begins as `arena` is.
    ///
    /// - Parameters:
    ///   - arena: laid out as `policy`.
    ///   - policy: what it follows.
    ///   - trained: the entries that a step moves; the others are equal from the start.
    ///   - decay: the share that it keeps of itself at a step.
    ///   - backend: what computes the averages.
    init(
        arena: ParameterArena,
        policy: ParameterArena,
        trained: ParameterTable,
        decay: Double,
        backend: any Backend
    ) {
        self.arena = arena
        self.policy = policy
        self.trained = trained
        self.decay = decay
        self.backend = backend
    }

    /// reference = decay · reference + (1 − decay) · policy.
    func follow() {
        for entry in trained.entries {
            guard let own = arena.tensor(entry.name), let other = policy.tensor(entry.name) else {
                continue
            }
            backend.blend(other, into: own, share: Float(1 - decay))
        }
    }
}
