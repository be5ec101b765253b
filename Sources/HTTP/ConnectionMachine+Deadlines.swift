/// How fast a body comes.
struct BodyPace: Sendable {
    /// When the stretch began that is measured, in nanoseconds.
    var since: UInt64 = 0
    /// What has come in it.
    var bytes = 0
}

extension ConnectionMachine {
    /// Applies the deadlines (RFC 9110 §15.5.9 for 408).
    mutating func expire(_ context: ConnectionContext) -> Expiry {
        let now = context.now
        if !output.isEmpty || isSendingFile {
            holdClocks(now)
            return passed(lastProgressAt, configuration.writeTimeout, now) ? .abort : .none
        }
        if let first = exchanges.first {
            holdClocks(now)
            guard first.response == nil, now >= first.expiresAt else { return .none }
            complete(first.sequence, context.renderError(503, "the reply took too long"))
            return .stepAgain(cancelled: first.sequence)
        }
        guard acceptsRequests else { return .none }
        if parser.isIdle, hasHadHead {
            let since = max(lastReadAt, lastProgressAt)
            return passed(since, configuration.idleTimeout, now) ? .abort : .none
        }
        guard parser.isInBody ? bodyIsLate(now) : headIsLate(now) else { return .none }
        guard !isDiscardingBody || refusal != nil else { return .abort }
        refusal = nil
        let id = admitted?.admission.requestID ?? context.makeRequestID()
        refuse(context.renderError(408, "the request did not arrive in time"), id, context)
        return .stepAgain(cancelled: nil)
    }

    /// A request behind one that is being answered is not late: its client may wait for the reply.
    private mutating func holdClocks(_ now: UInt64) {
        requestStartedAt = now
        lastReadAt = now
        pace = BodyPace(since: now)
    }

    private func headIsLate(_ now: UInt64) -> Bool {
        passed(requestStartedAt, configuration.headerTimeout, now)
    }

    /// Whether a body pauses, takes too long, or has come too slowly in the last stretch of time.
    private mutating func bodyIsLate(_ now: UInt64) -> Bool {
        if passed(requestStartedAt, configuration.bodyTimeout, now) { return true }
        if isSpooling { return false }
        if passed(lastReadAt, configuration.bodyIdleTimeout, now) { return true }
        guard passed(pace.since, configuration.bodyPaceWindow, now) else { return false }
        let seconds = Double(configuration.bodyPaceWindow.nanoseconds) / 1e9
        let isSlow = Double(pace.bytes) < seconds * Double(configuration.bodyBytesPerSecond)
        pace = BodyPace(since: now)
        return isSlow
    }

    private var isSendingFile: Bool { if case .file = sending { true } else { false } }

    private func passed(_ since: UInt64, _ timeout: Duration, _ now: UInt64) -> Bool {
        now >= since && now - since >= timeout.nanoseconds
    }
}
