import APITypes
import Domain
import Dispatch
import Foundation
import Glibc
import HTTP
import Outbound
import Scheduling
import Telemetry

/// The whole of `honed`: the control plane and its HTTP face, until a signal ends it.
public enum Daemon {
    /// Serves until SIGTERM or SIGINT, then ends requests and the unit of work in hand.
    ///
    /// - Throws: `forbidden` for an address beyond this machine without a token, `port_in_use`,
    ///   `data_folder_locked` with the holder's process.
    public static func run(_ configuration: DaemonConfiguration) async throws {
        // What it writes is its own user's, whatever the shell says.
        umask(0o077)
        DescriptorLimit.raise()
        // A reader that went away or a limit of file sizes is an error of that write, not the end.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        let log = Log(level: configuration.logLevel)
        let launcher = ProcessWorkerLauncher(
            threads: threads(configuration),
            dataFolder: configuration.data,
            log: { role, process, line in
                log.info(line, ["worker": role, "pid": String(process)])
            }
        )
        if !ProcessWorkerLauncher.confinesFiles {
            log.warning("this kernel has no Landlock: workers are confined by seccomp alone")
        }
        let control = try await ControlPlane(
            configuration: try await controlConfiguration(configuration, log),
            launcher: launcher,
            log: { log.info($0) }
        )
        do {
            let context = try context(control, configuration, log)
            try await context.gate.reload()
            try configuration.check(hasToken: context.gate.hasLiveToken)
            let server = try APIServer.make(
                host: configuration.host,
                port: configuration.port,
                context: context
            )
            await announce(configuration, port: server.port, control)
            try await serve(server, control, background(configuration, control, log), log)
        } catch {
            await control.shutdown()
            throw error
        }
    }

    private static func controlConfiguration(
        _ configuration: DaemonConfiguration,
        _ log: Log
    ) async throws(HoneError) -> ControlPlaneConfiguration {
        var control = ControlPlaneConfiguration(dataFolder: configuration.data)
        control.remoteTransport = OutboundHTTP(hosts: configuration.remoteHosts)
        if configuration.allowsPythonGraders {
            let runner = try PythonRunner(mayHaveNetwork: configuration.allowsPythonNetwork)
            if let warning = try await runner.check() { log.warning(warning) }
            control.pythonRunner = runner
        }
        return control
    }

    /// What goes on beside the requests: each ends when its task is cancelled.
    private static func background(
        _ configuration: DaemonConfiguration,
        _ control: ControlPlane,
        _ log: Log
    ) -> [@Sendable () async -> Void] {
        let hosts = configuration.remoteHosts
        let senders = configuration.webhooks.map {
            WebhookSender($0, source: control, hosts: hosts, log: log)
        }
        let pushers = configuration.labelStudio.map {
            LabelStudioPusher(
                client: LabelStudioClient($0, hosts: hosts),
                desk: control.feedback,
                signals: { control.eventSignals() },
                log: log
            )
        }
        return senders.map { sender in { @Sendable in await sender.run() } }
            + pushers.map { pusher in { @Sendable in await pusher.run() } }
    }

    private static func serve(
        _ server: HTTPServer,
        _ control: ControlPlane,
        _ background: [@Sendable () async -> Void],
        _ log: Log
    ) async throws {
        let signals = TerminationSignals { name in
            log.info("shutting down", ["signal": name])
            control.endEvents()
            server.shutdown()
            // The run comes to its rest while the requests come to their ends.
            Task { await control.rest() }
        }
        defer { signals.cancel() }
        try await withThrowingTaskGroup { group in
            group.addTask { await control.run() }
            for work in background { group.addTask { await work() } }
            try await server.run()
            await control.rest()
            await control.shutdown()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func context(
        _ control: ControlPlane,
        _ configuration: DaemonConfiguration,
        _ log: Log
    ) throws -> APIContext {
        let temporary = configuration.data + "/tmp"
        // What a killed daemon left half sent is of no use to anyone.
        try? FileManager.default.removeItem(atPath: temporary)
        var context = APIContext(
            control: control,
            metrics: MetricsRegistry(),
            log: log,
            temporaryFolder: temporary
        )
        context.gate = Gatekeeper(
            desk: control.tokens,
            isAlwaysLocked: configuration.isRemote,
            defaults: configuration.tokenLimits,
            metrics: context.metrics,
            log: log
        )
        context.hosts = ServedHosts(
            names: configuration.allowedHosts,
            isRemote: configuration.isRemote
        )
        context.servedReward = configuration.servedReward
        context.argillaSecret = configuration.argillaSecret
        return context
    }

    private static func threads(_ configuration: DaemonConfiguration) -> Int {
        configuration.threads > 0
            ? configuration.threads : ProcessInfo.processInfo.activeProcessorCount
    }

    /// One line on standard output, which scripts wait for; and the address for whoever finds the data
    /// folder taken.
    private static func announce(
        _ configuration: DaemonConfiguration,
        port: Int,
        _ control: ControlPlane
    ) async {
        func url(_ host: String) -> String {
            "http://\(HTTPURL(host: host, port: port).place)"
        }
        // Any address is none to connect to.
        let isAny = ["0.0.0.0", "::"].contains(configuration.host)
        await control.announce(url: url(isAny ? ServiceDefaults.host : configuration.host))
        print("listening on \(url(configuration.host))")
        fflush(nil)
    }
}

/// Calls back on the first SIGTERM or SIGINT in place of the process's death; a second one ends it at
/// once.
///
/// `@unchecked Sendable`: `count` is read and written on `queue` alone, and the sources are only
/// cancelled, which any thread may do.
final class TerminationSignals: @unchecked Sendable {
    private let queue = DispatchQueue(label: "hone.signals")
    private var sources: [any DispatchSourceSignal] = []
    private var count: UInt = 0

    init(_ handle: @escaping @Sendable (String) -> Void) {
        sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in
                guard let self else { return }
                // Signals that come together are one event.
                let isFirst = count == 0
                count += source.data
                // Workers end with their daemon, whose sockets close.
                if count > 1 { _exit(128 + number) }
                if isFirst { handle(name) }
            }
            return source
        }
        for source in sources { source.activate() }
    }

    func cancel() { for source in sources { source.cancel() } }
}
