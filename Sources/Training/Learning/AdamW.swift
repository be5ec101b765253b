public import Domain
public import Kernels
public import Models

/// AdamW over groups of trained parameters, with clipping by the global gradient norm.
public final class AdamW {
    /// Trained parameters with their gradients and moments, all laid out by `gradients.table`.
    public struct Group {
        let parameters: ParameterArena
        let gradients: ParameterArena
        let moment1: ParameterArena
        let moment2: ParameterArena
        /// Keeps names of several groups apart in a checkpoint.
        let prefix: String

        /// A group whose moments are zero.
        ///
        /// - Parameters:
        ///   - parameters: holds at least the tensors of `gradients`' table.
        ///   - gradients: what is trained, and the layout of the moments.
        ///   - prefix: goes before the names of the group's moments in a checkpoint.
        public init(parameters: ParameterArena, gradients: ParameterArena, prefix: String = "") {
            self.parameters = parameters
            self.gradients = gradients
            self.prefix = prefix
            moment1 = ParameterArena(gradients.table)
            moment2 = ParameterArena(gradients.table)
        }
    }

    /// Betas, epsilon, decay and clipping; the learning rate comes with each step.
    public let specification: OptimizerSpec
    /// What is trained.
    public private(set) var groups: [Group]
    /// Steps done.
    public internal(set) var stepCount = 0
    private let backend: any Backend
    private let communicator: any Communicator

    /// An optimizer that has made no step; `communicator` sums the gradients of all processes.
    public init(
        _ specification: OptimizerSpec,
        groups: [Group],
        backend: any Backend,
        communicator: any Communicator
    ) {
        self.specification = specification
        self.groups = groups
        self.backend = backend
        self.communicator = communicator
    }

    /// Trains `group` too, from the next step on.
    func add(_ group: Group) { groups.append(group) }

    /// Sets all gradients to zero.
    public func zeroGradients() {
        for group in groups { backend.zero(group.gradients.all) }
    }

    /// One step.
    ///
    /// Nothing changes when a gradient is not finite.
    ///
    /// - Returns: the global gradient norm before clipping.
    /// - Throws: `notANumber` naming the first tensor at fault.
    public func step(learningRate: Double) throws(HoneError) -> Double {
        for group in groups { communicator.sum(group.gradients.all) }
        var squares = 0.0
        for group in groups { squares += backend.sumOfSquares(group.gradients.all) }
        guard squares.isFinite else { throw notFinite() }
        let norm = squares.squareRoot()
        let clip = specification.gradientClip
        // The small constant is PyTorch's (clip_grad_norm_).
        let scale = clip > 0 ? min(1, clip / (norm + 1e-6)) : 1
        stepCount += 1
        for group in groups { update(group, learningRate, scale) }
        return norm
    }

    private func update(_ group: Group, _ learningRate: Double, _ scale: Double) {
        for entry in group.gradients.table.entries {
            guard let parameter = group.parameters.tensor(entry.name) else { continue }
            backend.adamW(
                parameter,
                moment1: group.moment1.tensor(entry),
                moment2: group.moment2.tensor(entry),
                gradient: group.gradients.tensor(entry),
                step: AdamWStep(
                    learningRate: Float(learningRate),
                    beta1: Float(specification.beta1),
                    beta2: Float(specification.beta2),
                    epsilon: Float(specification.epsilon),
                    weightDecay: entry.decays ? Float(specification.weightDecay) : 0,
                    step: stepCount,
                    gradientScale: Float(scale)
                )
            )
        }
    }

    private func notFinite() -> HoneError {
        for group in groups {
            for entry in group.gradients.table.entries
            where !backend.allFinite(group.gradients.tensor(entry)) {
                return HoneError(
                    .notANumber,
                    "the gradient of \(group.prefix)\(entry.name) is not finite; the step was not taken. "
                        + "Lower the learning rate or look at the batch",
                    param: entry.name
                )
            }
        }
        return HoneError(.notANumber, "the gradient norm overflows; lower the learning rate")
    }
}
