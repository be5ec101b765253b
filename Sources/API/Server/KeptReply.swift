import HTTP
import Synchronization

/// The last reply of an endpoint, good for as long as the state it was made of stands.
///
/// No clock is involved: a reply belongs to a version of the state and is never sent at another.
final class KeptReply: Sendable {
    private let kept = Mutex<(version: UInt64, response: HTTPResponse)?>(nil)

    /// The reply made at this version, if it is the one that was kept.
    func reply(at version: UInt64) -> HTTPResponse? {
        kept.withLock { $0?.version == version ? $0?.response : nil }
    }

    /// Keeps a successful reply that was made after its version had been read.
    ///
    /// **Invariant**: read in that order, a reply can be newer than its version says, never older; and
    /// a newer one is found out at once, because the state's version has moved on.
    func keep(_ response: HTTPResponse, version: UInt64) {
        guard response.status == 200, case .bytes = response.body else { return }
        kept.withLock { kept in
            if let kept, kept.version > version { return }
            kept = (version, response)
        }
    }
}
