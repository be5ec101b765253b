/// Where a run stands.
public enum RunState: String, Sendable, Hashable, Codable, CaseIterable {
    case queued, running, paused, succeeded, failed, cancelled

    /// Whether nothing more will happen.
    public var isFinal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled: true
        case .queued, .running, .paused: false
        }
    }
}

/// What an iteration is doing.
public enum RunPhase: String, Sendable, Hashable, Codable, CaseIterable {
    case prepare, sample, score, update, evaluate, checkpoint, publish
}
