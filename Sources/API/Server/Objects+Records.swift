import APITypes
import Domain
import Foundation
import Scheduling
import Statistics
import Store

extension Date {
    var unixSeconds: Int { Int(exactly: timeIntervalSince1970.rounded(.down)) ?? 0 }
}

extension ModelObject {
    init(_ record: ModelRecord) {
        self.init(
            id: record.name,
            created: record.createdAt.unixSeconds,
            ownedBy: record.runID ?? (record.importedFrom == nil ? "create" : "import"),
            kind: record.isRewardModel ? "reward" : "policy",
            architecture: record.configuration.architecture
        )
        rewardKind = record.rewardKind?.rawValue
        parameterCount = record.parameterCount
        byteCount = record.byteCount
        sourceType = record.sourceType
        contextLength = record.configuration.contextLength
        layerCount = record.configuration.layerCount
        vocabularySize = record.configuration.vocabularySize
        run = record.runID
    }
}

extension RunObject {
    init(_ record: RunRecord) {
        self.init(
            id: record.id,
            spec: record.spec,
            state: record.state,
            createdAt: record.createdAt.unixSeconds
        )
        name = record.name
        phase = record.phase?.rawValue
        iteration = record.iteration
        queuePosition = record.queuePosition
        policyVersion = record.policyVersion
        parent = record.parent.map { "\($0.runID)@\($0.iteration)" }
        error = record.error.map(Failure.init)
        startedAt = record.startedAt?.unixSeconds
        finishedAt = record.finishedAt?.unixSeconds
    }
}

extension RewardCurveObject {
    init(_ curve: RewardCurve) {
        self.init(
            reward: curve.reward,
            start: curve.fit.start,
            alpha: curve.fit.alpha,
            beta: curve.fit.beta,
            determination: curve.fit.determination,
            distance: curve.distance,
            slope: curve.slope
        )
        peakDistance = curve.fit.peakDistance
        peakReward = curve.fit.peakReward
    }
}

extension EvaluationObject {
    init(_ record: EvaluationRecord) {
        self.init(
            id: record.id,
            order: record.order,
            state: record.state,
            createdAt: record.createdAt.unixSeconds
        )
        progress = Progress(completed: record.completed, total: record.total)
        result = record.report
        error = record.error.map(RunObject.Failure.init)
        startedAt = record.startedAt?.unixSeconds
        finishedAt = record.finishedAt?.unixSeconds
    }
}

extension RolloutObject {
    init(_ record: RolloutRecord) {
        self.init(
            prompt: record.prompt,
            rollout: record.rollout,
            promptIndex: record.promptIndex,
            sampleIndex: record.sampleIndex
        )
        id = record.id
        run = record.runID
        iteration = record.runID == nil ? nil : record.iteration
        purpose = record.purpose.rawValue
        scores = record.scores.map { found in
            var score = ScoreObject(
                score: found.score,
                components: found.components,
                reward: found.reward
            )
            (score.uncertainty, score.reason) = (found.uncertainty, found.reason)
            score.tokenRewards = found.tokenRewards.isEmpty ? nil : found.tokenRewards
            return score
        }
        reward = record.reward.flatMap { $0.isFinite ? $0 : nil }
        createdAt = record.createdAt.unixSeconds
    }
}

extension IterationObject {
    init(_ record: IterationRecord) {
        self.init(
            iteration: record.iteration,
            metrics: record.metrics,
            finishedAt: record.finishedAt.unixSeconds
        )
    }
}

extension CheckpointObject {
    init(_ record: CheckpointRecord, runName: String) {
        self.init(
            run: runName,
            iteration: record.iteration,
            step: record.step,
            path: record.path,
            byteCount: record.byteCount,
            createdAt: record.createdAt.unixSeconds
        )
    }
}

extension PairObject {
    init(_ record: PairRecord) {
        self.init(
            id: record.id,
            run: record.runID,
            iteration: record.iteration,
            chosen: record.chosen,
            rejected: record.rejected,
            margin: record.margin
        )
    }
}

extension EventObject {
    init(_ record: EventRecord) {
        self.init(
            id: record.id,
            run: record.runID,
            kind: record.kind,
            time: record.time.timeIntervalSince1970,
            data: record.payload
        )
    }
}

extension ValidationObject {
    init(_ report: ValidationReport) {
        self.init(
            faults: report.faults,
            memoryBytes: report.memoryBytes,
            diskBytes: report.diskBytes
        )
        seconds = report.seconds.flatMap { $0.isFinite ? $0 : nil }
    }
}

extension WorkerObject {
    init(_ status: WorkerStatus) {
        self.init(
            role: status.role,
            state: status.state.rawValue,
            pid: Int(status.processID),
            residentBytes: status.residentBytes,
            activity: status.activity
        )
        completed = status.completed
        total = status.total
        restarts = status.restarts
    }
}
