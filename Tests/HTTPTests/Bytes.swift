@testable import HTTP

/// Text as a peer would send it.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What a parser makes of bytes: the bodies of complete requests and the status of a refusal.
struct Parsed: Equatable {
    var targets: [String] = []
    var bodies: [[UInt8]] = []
    var refusal: Int?

    /// Feeds the pieces one after the other.
    init(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) {
        var parser = RequestParser(limits: limits)
        for piece in pieces {
            for event in parser.consume(piece) {
                switch event {
                case .head(let head): targets.append(head.target)
                case .request(let body): bodies.append(body)
                case .failure(let error): refusal = error.status.rawValue
                }
            }
        }
    }

    init(_ text: String, limits: HTTPLimits = HTTPLimits()) {
        self.init([bytes(text)], limits: limits)
    }
}

/// The one request in the bytes.
func parsedHead(_ text: String) -> RequestHead? {
    var parser = RequestParser()
    for case .head(let head) in parser.consume(bytes(text)) { return head }
    return nil
}
