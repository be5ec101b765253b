public import Domain
public import Kernels
import Models

// The reference policy, made when a session is opened.
extension PolicySession {
    /// Opens a policy and a reference that stays what it is: the base model without a folder.
    public convenience init(
        modelFolder: String,
        checkpointFolder: String?,
        training: TrainingPlan?,
        referenceFolder: String?,
        teacherFolders: [String] = [],
        policyVersion: Int,
        backend: any Backend
    ) throws {
        try self.init(
            modelFolder: modelFolder,
            checkpointFolder: checkpointFolder,
            training: training,
            reference: ReferencePlan(folder: referenceFolder),
            teacherFolders: teacherFolders,
            policyVersion: policyVersion,
            backend: backend
        )
    }

    /// The reference, and what moves it when it follows the policy.
    ///
    /// One that follows goes on from the checkpoint, or begins at the base model: so does that of a
    /// run which is forked from one with another reference.
    static func reference(
        _ plan: ReferencePlan,
        _ base: ModelFolder,
        _ policy: Transformer,
        checkpoint: String?
    ) throws -> (ComparedModels.Frozen?, MovingReference?) {
        guard plan.isThere else { return (nil, nil) }
        let folder = try plan.folder.map { try ModelFolder($0) } ?? base
        guard let decay = plan.decay, let trained = policy.gradients?.table else {
            return (try frozen(folder, policy.backend), nil)
        }
        let own = try moving(folder, policy)
        if let checkpoint, ArenaFile.exists(MovingReference.fileName, folder: checkpoint) {
            try ArenaFile.read(
                [("", own.adapters?.arena ?? own.weights)],
                from: checkpoint + "/" + MovingReference.fileName
            )
        }
        let head = try LanguageHead(own)
        let reference = ComparedModels.Frozen(
            model: own,
            head: head,
            scorer: SequenceScorer(model: own, head: head)
        )
        let moving = MovingReference(
            arena: own.adapters?.arena ?? own.weights,
            policy: policy.adapters?.arena ?? policy.weights,
            trained: trained,
            decay: decay,
            backend: policy.backend
        )
        return (reference, moving)
    }

    /// A model of the policy's kind that may be written to, as the base is.
    private static func moving(_ base: ModelFolder, _ policy: Transformer) throws -> Transformer {
        let backend = policy.backend
        if let theirs = policy.adapters {
            // A fresh adapter adds nothing, and its A is that of the policy at the start.
            let own = try LowRankAdapters(
                base.configuration,
                rank: theirs.rank,
                alpha: theirs.alpha
            )
            backend.copy(theirs.arena.all, into: own.arena.all)
            return try Transformer(
                base.configuration,
                backend: backend,
                weights: base.weights,
                adapters: own
            )
        }
        let copy = ParameterArena(base.weights.table)
        backend.copy(base.weights.all, into: copy.all)
        base.weights.unload()
        return try Transformer(base.configuration, backend: backend, weights: copy)
    }
}
