import Arguments

/// One command: what it takes and what it does.
protocol Command: Sendable {
    static var description: CommandDescription { get }
    static func run(_ arguments: ParsedArguments) async throws
}

/// Options that several commands share.
extension OptionDescription {
    static let json = OptionDescription.flag("json", "Write JSON.")
    static let data = OptionDescription.value(
        "data",
        "DIR",
        "The data folder, default ~/.local/share/hone."
    )
    static let remoteHosts = OptionDescription.value(
        "remote-hosts",
        "LIST",
        "Hosts that remote rewards may ask beside this machine, by commas."
    )
    static let allowPython = OptionDescription.flag(
        "allow-python-graders",
        "Run graders in Python, in confined processes."
    )
    static let allowPythonNetwork = OptionDescription.flag(
        "allow-python-network",
        "Run them even where the system cannot keep them from the network."
    )
    static let url = OptionDescription.value(
        "url",
        "URL",
        "The server, default $HONE_URL or http://127.0.0.1:8420."
    )
    static let threads = OptionDescription.value(
        "threads",
        "N",
        "Threads of a worker, default all cores."
    )
}
