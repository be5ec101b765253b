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
        let role: Role

        /// What a group belongs to.
        public enum Role: Sendable, Hashable {
            /// The model itself.
            case model
            /// Values that are estimated by a head of the model: clipped with it.
            case valueHead
            /// Values that are estimated by a model of their own: clipped apart.
            case critic
        }

        /// A group whose moments are zero.
        ///
        /// - Parameters:
        ///   - parameters: holds at least the tensors of `gradients`' table.
        ///   - gradients: what is trained, and the layout of the moments.
        ///   - prefix: goes before the names of the group's moments in a checkpoint.
        ///   - role: what it belongs to.
        public init(
            parameters: ParameterArena,
            gradients: ParameterArena,
            prefix: String = "",
            role: Role = .model
        ) {
            self.role = role
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
    /// Those of them that moved the values alone.
    public internal(set) var valueStepCount = 0
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
    /// Nothing changes when a gradient is not finite. Critics are clipped apart from the rest.
    ///
    /// - Parameters:
    ///   - learningRate: of the model.
    ///   - valueLearningRate: of value heads and critics; the model's unless said.
    ///   - movesValuesOnly: whether the model's own weights and moments stay as they are.
    /// - Returns: the gradient norms before clipping: of everything but critics, and of these.
    /// - Throws: `notANumber` naming the first tensor at fault.
    @discardableResult
    public func step(
        learningRate: Double,
        valueLearningRate: Double? = nil,
        movesValuesOnly: Bool = false
    ) throws(HoneError) -> (model: Double, critic: Double?) {
        for group in groups { communicator.sum(group.gradients.all) }
        let critics = groups.filter { $0.role == .critic }
        let norm = try norm(of: groups.filter { $0.role != .critic })
        let criticNorm = critics.isEmpty ? nil : try self.norm(of: critics)
        stepCount += 1
        if movesValuesOnly { valueStepCount += 1 }
        for group in groups where group.role != .model || !movesValuesOnly {
            let isModel = group.role == .model
            update(
                group,
                isModel ? learningRate : valueLearningRate ?? learningRate,
                clipping(group.role == .critic ? criticNorm ?? norm : norm),
                // Moments that have not moved yet are not to be taken for settled.
                step: isModel ? stepCount - valueStepCount : stepCount
            )
        }
        return (norm, criticNorm)
    }

    private func norm(of groups: [Group]) throws(HoneError) -> Double {
        var squares = 0.0
        for group in groups { squares += backend.sumOfSquares(group.gradients.all) }
        guard squares.isFinite else { throw notFinite() }
        return squares.squareRoot()
    }

    private func clipping(_ norm: Double) -> Double {
        let clip = specification.gradientClip
        // The small constant is PyTorch's (clip_grad_norm_).
        return clip > 0 ? min(1, clip / (norm + 1e-6)) : 1
    }

    private func update(_ group: Group, _ learningRate: Double, _ scale: Double, step: Int) {
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
                    step: step,
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
