/// Why a server could not start, or a stream could not go on.
public enum HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Something else listens there already.
    case portInUse(host: String, port: Int)
    /// The host is no address and no name of this machine.
    case unknownHost(String)
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The client of a stream has left.
    case clientGone
    /// The server has run already.
    case alreadyRun

    /// What happened, with a mend where there is one.
    public var description: String {
        switch self {
        case .portInUse(let host, let port):
            "\(host):\(port) is already in use; stop what listens there or choose another port"
        case .unknownHost(let host): "\(host) is not an address of this machine"
        case .system(let call, let number): "\(call) failed: \(SystemCall.message(number))"
        case .clientGone: "the client has left"
        case .alreadyRun: "a server runs only once"
        }
    }
}
