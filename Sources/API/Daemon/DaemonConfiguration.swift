public import APITypes
public import Domain
import Foundation
import Scheduling
public import Telemetry

/// How a daemon is set up.
public struct DaemonConfiguration: Sendable, Hashable {
    /// The address to listen at; one that other machines reach needs a token: see `check`.
    public var host = ServiceDefaults.host
    /// The port to listen at; 0 takes any free one.
    public var port = ServiceDefaults.port
    /// The data folder.
    public var data = ServiceDefaults.dataFolder
    /// Threads of each worker; 0: one for each core.
    public var threads = 0
    /// Lines below this level are not written.
    public var logLevel = LogLevel.info
    /// Hosts that remote rewards may ask beside this machine, with or without a port.
    public var remoteHosts: [String] = []
    /// Whether graders in Python are run.
    public var allowsPythonGraders = false
    /// Whether they are run even where they cannot be kept from the network.
    public var allowsPythonNetwork = false
    /// What `/get_reward` and its like score by when they name no reward model.
    public var servedReward: ServedReward?
    /// What Argilla's events are signed with; `nil`: none are taken.
    public var argillaSecret: WebhookSecret?
    /// Names that the server answers to beside localhost: a proxy's.
    public var allowedHosts: [String] = []
    /// What tokens may ask for that say nothing themselves.
    public var tokenLimits = TokenLimits()
    /// Who is told what happens to runs.
    public var webhooks: [Webhook] = []
    /// Where runs' comparisons are sent to.
    public var labelStudio: [LabelStudioTarget] = []

    /// Makes one of its content.
    public init() {}

    /// What a configuration file may say.
    public static let schema = Schema.object([
        .field("host", .text, default: .string(ServiceDefaults.host), "The address to listen at."),
        .field(
            "port",
            .integer(0...65_535),
            default: .integer(ServiceDefaults.port),
            "The port; 0 takes any free one."
        ),
        .optional("data", .text, "The data folder; ~/.local/share/hone unless said."),
        .field("threads", .integer(0...1024), default: 0, "Threads of a worker; 0: all cores."),
        .field(
            "log_level",
            .choice(LogLevel.allCases.map { $0.rawValue }),
            default: "info",
            "What is logged."
        ),
        .optional(
            "remote_hosts",
            .list(.text),
            "Hosts, with or without :PORT, that remote rewards may ask beside this machine."
        ),
        .field(
            "allow_python_graders",
            .bool,
            default: false,
            "Whether graders in Python are run, which whoever may submit a spec then can do."
        ),
        .field(
            "allow_python_network",
            .bool,
            default: false,
            "Whether they are run even where the system cannot keep them from the network."
        ),
        .optional(
            "serve_reward",
            .oneOf([.text, .openObject([.required("name", .text, "A reward's name.")])]),
            "The reward for other trainers that name no model: as in a spec, or as --serve-reward."
        ),
        .optional(
            "allowed_hosts",
            .list(.text),
            "Names in the Host field that are answered beside localhost: those of a proxy."
        ),
        .optional(
            "token_limits",
            TokenLimits.schema,
            "How much the bearer of a token may ask for that has no limits of its own."
        ),
        .optional("argilla_secret", .text, "What Argilla's events are signed with, in base64."),
        .optional("webhooks", .list(Webhook.schema, count: 0...32), "Who is told of runs' events."),
        .optional(
            "label_studio",
            .list(LabelStudioTarget.schema, count: 0...32),
            "Label Studio projects that runs' comparisons are sent to."
        ),
    ])

    /// Reads a configuration file.
    ///
    /// - Throws: `HoneError` when it cannot be read or is no JSON; `Faults`, all at once.
    public init(file: String) throws {
        let text: Data
        do {
            text = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            let message = "\(file) cannot be read: \(SystemReason.reading(file))"
            throw HoneError(.notFound, message, param: file)
        }
        let checked = try Self.schema.check(JSONText.value(text, source: file))
        host = checked["host"]?.stringValue ?? host
        port = checked["port"]?.integerValue ?? port
        data = checked["data"]?.stringValue ?? data
        threads = checked["threads"]?.integerValue ?? threads
        remoteHosts = (checked["remote_hosts"]?.arrayValue ?? []).compactMap(\.stringValue)
        allowsPythonGraders = checked["allow_python_graders"]?.boolValue ?? false
        allowsPythonNetwork = checked["allow_python_network"]?.boolValue ?? false
        logLevel = checked["log_level"]?.stringValue.flatMap(LogLevel.init) ?? logLevel
        allowedHosts = (checked["allowed_hosts"]?.arrayValue ?? []).compactMap(\.stringValue)
        tokenLimits = TokenLimits(checked["token_limits"])
        webhooks = try Webhook.list(checked["webhooks"])
        labelStudio = try LabelStudioTarget.list(checked["label_studio"])
        if let secret = checked["argilla_secret"]?.stringValue {
            argillaSecret = WebhookSecret(secret)
            if argillaSecret == nil {
                let message = "must be base64 of at least 16 bytes, as Argilla shows it"
                throw Faults([Fault(path: "$.argilla_secret", message: message)])
            }
        }
        if let reward = checked["serve_reward"] {
            servedReward =
                if let text = reward.stringValue { try ServedReward(text: text) } else {
                    try ServedReward(reward)
                }
        }
    }

    /// Whether other machines reach the address that is listened at.
    public var isRemote: Bool { !Self.isLoopback(host) }

    /// Refuses what would be unsafe: without a token to show, only this machine may ask.
    public func check(hasToken: Bool) throws(HoneError) {
        guard isRemote, !hasToken else { return }
        throw HoneError(
            .forbidden,
            "host \(host) would let other machines in, and there is no token to tell them apart: make "
                + "one with `\(tokenCommand)`, or listen at 127.0.0.1",
            param: "host"
        )
    }

    /// What makes the first token of the data folder.
    public var tokenCommand: String {
        "hone token create --name admin --scopes admin --data \(data)"
    }

    static func isLoopback(_ host: String) -> Bool {
        if ["127.0.0.1", "localhost", "::1"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        return ["localhost", "::1"].contains(host.lowercased()) || (isIPv4 && parts[0] == "127")
    }
}
