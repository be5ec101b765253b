import APITypes
import Domain
import HTTP

/// More than the caller may ask for (RFC 6585 §4).
struct LimitReached: Error {
    let message: String
    /// When it is worth trying again.
    let seconds: Double

    var response: HTTPResponse {
        var response = HTTPResponse.error(HoneError(.rateLimited, message))
        response.headers["retry-after"] = String(Int(max(1, seconds.rounded(.up))))
        return response
    }
}

/// A place among the generations that a caller may have under way.
///
/// Given back once: when it is released, or at the latest when nobody holds it any more.
final class GenerationPermit: Sendable {
    private let giveBack: OneTime

    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = OneTime(giveBack) }

    deinit { giveBack.perform() }

    func release() { giveBack.perform() }
}
