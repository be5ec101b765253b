import API
import Arguments
import Domain
import Foundation

let command = CommandDescription(
    "honed",
    "Serves Hone's HTTP API: to this machine, and with tokens to others.",
    options: [
        .value("config", "FILE", "A JSON file of these and more; see docs/operations.md."),
        .value("host", "HOST", "The address to listen at, default 127.0.0.1."),
        .value("port", "PORT", "The port, default 8420; 0 takes any free one."),
        .value("data", "DIR", "The data folder, default ~/.local/share/hone."),
        .value("remote-hosts", "LIST", "Hosts that remote rewards may ask, by commas."),
        .flag("allow-python-graders", "Run graders in Python, in confined processes."),
        .flag(
            "allow-python-network",
            "Run them even where the system cannot keep them from the network."
        ),
        .value("serve-reward", "R", "Reward for other trainers: JSON, a file of it, or a name."),
        .value("check-config", "FILE", "Only say what is wrong with a configuration file."),
    ],
    example: "honed --port 8420 --data ~/hone-data"
)

func fail(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(code)
}

func configuration(_ arguments: ParsedArguments) throws -> DaemonConfiguration {
    var configuration =
        try arguments["config"].map { try DaemonConfiguration(file: $0) } ?? DaemonConfiguration()
    configuration.host = arguments["host"] ?? configuration.host
    configuration.port = try arguments.integer("port", in: 0...65_535) ?? configuration.port
    configuration.data = arguments["data"] ?? configuration.data
    if let hosts = arguments["remote-hosts"] {
        configuration.remoteHosts = hosts.split(separator: ",").map(String.init)
    }
    if arguments.has("allow-python-graders") { configuration.allowsPythonGraders = true }
    if arguments.has("allow-python-network") { configuration.allowsPythonNetwork = true }
    if let text = arguments["serve-reward"] {
        configuration.servedReward = try ServedReward(text: text)
    }
    return configuration
}

do {
    let arguments = try command.parse(CommandLine.arguments.dropFirst())
    if arguments.wantsHelp {
        print(command.help)
    } else if let file = arguments["check-config"] {
        let configuration = try DaemonConfiguration(file: file)
        print("\(file) is valid")
        if configuration.isRemote {
            print(
                "honed starts with it once the data folder has a token: "
                    + "`\(configuration.tokenCommand)`"
            )
        }
    } else {
        try await Daemon.run(configuration(arguments))
    }
} catch let error as UsageError {
    // It begins with the command's name already.
    fail("\(error)", code: 2)
} catch {
    fail("honed: \(error)", code: 1)
}
