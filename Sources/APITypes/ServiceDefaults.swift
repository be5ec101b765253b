import Foundation

/// Where a server listens and keeps its data unless said otherwise.
public enum ServiceDefaults {
    /// The loopback address: other machines cannot reach it.
    public static let host = "127.0.0.1"
    /// The TCP port.
    public static let port = 8420
    /// Where a client looks for a server when it is told nothing else.
    public static let url = "http://\(host):\(port)"

    /// `$HONE_DATA`, else `$XDG_DATA_HOME/hone`, else `~/.local/share/hone`.
    public static var dataFolder: String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["HONE_DATA"], !folder.isEmpty { return folder }
        if let folder = environment["XDG_DATA_HOME"], folder.hasPrefix("/") {
            return folder + "/hone"
        }
        return (environment["HOME"] ?? "/var/lib") + "/.local/share/hone"
    }
}
