import Glibc

/// Long bodies on their way to a file.
extension ConnectionMachine {
    /// The piece of a body that is long enough to be written, if there is one.
    mutating func spool() -> Action? {
        guard let file = admitted?.admission.file, parser.bodyByteCount >= BodyBudget.free else {
            return nil
        }
        isSpooling = true
        return .spool(file, parser.takeBody())
    }

    /// The piece is written, or could not be.
    ///
    /// Nobody but this server is to blame for the time it took: the body's clocks begin anew.
    mutating func spooled(_ failure: HTTPServerError?, _ context: ConnectionContext) {
        isSpooling = false
        lastReadAt = context.now
        pace = BodyPace(since: context.now)
        guard let failure, acceptsRequests, let id = admitted?.admission.requestID else { return }
        admitted = nil
        refuse(response(to: failure, context), id, context)
    }

    private func response(
        to failure: HTTPServerError,
        _ context: ConnectionContext
    ) -> HTTPResponse {
        switch failure {
        case .system(_, ENOSPC), .system(_, EDQUOT), .system(_, EFBIG):
            context.renderError(507, "there is no room on the disk for this body")
        default: context.renderError(500, "the body could not be kept: \(failure)")
        }
    }
}
