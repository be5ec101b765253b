extension ConnectionMachine {
    /// Applies the deadlines (RFC 9110 §15.5.9 for 408).
    mutating func expire(_ context: ConnectionContext) -> Expiry {
        let now = context.now
        if !output.isEmpty || isSendingFile {
            return passed(lastProgressAt, configuration.writeTimeout, now) ? .abort : .none
        }
        if let first = exchanges.first {
            guard first.response == nil, now >= first.expiresAt else { return .none }
            complete(first.sequence, context.renderError(503, "the reply took too long"))
            return .stepAgain(cancelled: first.sequence)
        }
        guard acceptsRequests else { return .none }
        if parser.isIdle {
            let since = max(lastReadAt, lastProgressAt)
            return passed(since, configuration.idleTimeout, now) ? .abort : .none
        }
        let isLate =
            parser.isInBody
            ? passed(lastReadAt, configuration.bodyIdleTimeout, now)
                || passed(requestStartedAt, configuration.bodyTimeout, now)
            : passed(requestStartedAt, configuration.headerTimeout, now)
        guard isLate else { return .none }
        guard !isDiscardingBody else { return .abort }
        let id = admitted?.admission.requestID ?? context.makeRequestID()
        refuse(context.renderError(408, "the request did not arrive in time"), id, context)
        return .stepAgain(cancelled: nil)
    }

    private var isSendingFile: Bool { if case .file = sending { true } else { false } }

    private func passed(_ since: UInt64, _ timeout: Duration, _ now: UInt64) -> Bool {
        now >= since && now - since >= timeout.nanoseconds
    }
}
