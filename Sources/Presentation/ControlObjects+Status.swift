public import APITypes
public import Scheduling
import Statistics

extension ValidationObject {
    /// What a spec would take.
    public init(_ report: ValidationReport) {
        self.init(
            faults: report.faults,
            memoryBytes: report.memoryBytes,
            diskBytes: report.diskBytes
        )
        seconds = report.seconds.flatMap { $0.isFinite ? $0 : nil }
    }
}

extension WorkerObject {
    /// A worker as it stands.
    public init(_ status: WorkerStatus) {
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

extension RewardCurveObject {
    /// A fitted curve.
    public init(_ curve: RewardCurve) {
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
