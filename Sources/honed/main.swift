import API
import Arguments
import Domain
import Foundation

let command = CommandDescription.serve("honed")

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
    configuration.remoteHosts = arguments.list("remote-hosts") ?? configuration.remoteHosts
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
