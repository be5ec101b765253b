import Domain
import Foundation
import Objectives
import Rewards
import Store
import WorkerProtocol

/// What a run takes: memory, disk and time.
extension SpecValidator {
    /// Plans the run's workers, and faults a run that does not fit.
    mutating func measured(_ model: ModelRecord) async throws(HoneError) -> ValidationReport {
        let plan = try await planned(
            .init(
                modelFolder: model.folder,
                rewardModel: spec.kind == .rewardModel ? spec.rewardModel : nil,
                training: TrainingPlan(spec, criticFolder: criticFolder),
                workload: workload?.workload,
                teacherFolders: teacherFolders
            )
        )
        var plans = [plan]
        for reward in rewardModels {
            plans.append(try await planned(.init(modelFolder: reward.folder)))
        }
        // The kept checkpoints, the one being written, and the published model.
        var disk = plan.checkpointBytes * (spec.keepCheckpoints + 2)
        if !spec.reference.soupParts.isEmpty { disk += 4 * model.parameterCount }
        if spec.kind == .online && spec.maxStaleness > 0 {
            // The worker that samples, and the policies on their way to it.
            let sampler = try await planned(.init(modelFolder: model.folder))
            plans.append(sampler)
            disk += sampler.checkpointBytes * (spec.maxStaleness + 1)
        }
        let memory = plans.memoryTogether
        if let total = Machine.memoryBytes, memory > total {
            fault(
                "$.model",
                "the run needs \(memory) bytes of memory, the machine has \(total): use a smaller "
                    + "model, an adapter, fewer trained layers or a smaller memory budget"
            )
        }
        if let free = Machine.freeDiskBytes(plane.folder.root), disk > free {
            fault(
                "$.keep_checkpoints",
                "the run needs \(disk) bytes of disk, \(plane.folder.root) has \(free) free"
            )
        }
        return ValidationReport(
            faults: faults,
            memoryBytes: memory,
            diskBytes: disk,
            seconds: seconds(model)
        )
    }

    private func planned(
        _ request: WorkerRequest.Plan
    ) async throws(HoneError) -> WorkerReply.Planned {
        guard case .planned(let plan) = try await plane.once("plan", .plan(request)) else {
            throw ControlPlane.unexpected
        }
        return plan
    }

    /// Seconds from token counts, right within a factor of a few.
    ///
    /// 2 operations a parameter and token forward, 6 with the backward pass, at a flat rate of
    /// 20 GFLOP/s a core.
    private func seconds(_ model: ModelRecord) -> Double {
        let rate = 20e9 * Double(ProcessInfo.processInfo.activeProcessorCount)
        let parameters = Double(model.parameterCount)
        let completion = Double(spec.sampling.maxTokens)
        let evaluated =
            Double(evaluationCount * (spec.evaluation?.groupSize ?? 0)) * completion * 6
            * Double(spec.iterations / max(1, spec.evaluation?.every ?? 1) + 1)
        let tokens: Double
        switch spec.kind {
        case .online:
            let sequences = Double(spec.promptsPerIteration) * Double(spec.iterations)
            let learned = sequences * Double(spec.groupSize) * completion
            // A mixture's tokens are computed by two models.
            let opponent = 2 * sequences * Double(spec.opponent?.count ?? 0) * completion
            let drawn = (learned + opponent) * (spec.refill?.oversampling ?? 1)
            // Drawn, under the reference, scored; then two of each group, or all, trained on.
            let kind = ObjectiveCatalogue.type(named: spec.objective.name)?.requirements.kind
            let pairs =
                (try? Pairing(spec.pairing))?.mostPairs(
                    of: spec.groupSize,
                    opponents: spec.opponent?.count ?? 0
                ) ?? 1
            let trained =
                kind == .pairs ? min(sequences * 2 * Double(pairs) * completion, learned) : learned
            tokens = drawn * 6 + trained * 6 * Double(spec.updateEpochs)
        case .offline, .sft, .rewardModel:
            // About four characters a token; once for the reference or the features.
            tokens = Double(dataCharacters) / 4 * (2 + 6 * Double(spec.updateEpochs))
        case .external: tokens = 0
        }
        return (tokens + evaluated) * parameters / rate
    }
}
