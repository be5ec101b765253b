import Arguments

/// One command: what it takes and what it does.
protocol Command: Sendable {
    static var description: CommandDescription { get }
    static func run(_ arguments: ParsedArguments) async throws
}

/// Options of commands that ask a server.
extension OptionDescription {
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
