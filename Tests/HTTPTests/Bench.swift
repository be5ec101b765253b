import Telemetry
import Testing

@testable import HTTP

/// Drives a machine without sockets: bytes in, sent text out, time by hand.
struct Bench {
    var machine: ConnectionMachine
    var now: UInt64 = 0
    var text = ""
    var waiting: [(sequence: UInt64, request: HTTPRequest)] = []
    var isFinished = false
    var streams = 0
    /// Whether the peer takes what is sent.
    var isReading = true
    /// Whether what is to be spooled never gets there.
    var isDiskSlow = false
    let core: ServerCore

    init(
        _ routes: [Route] = Bench.anything,
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        admission: (@Sendable (RequestHead, Route?) -> HTTPResponse?)? = nil
    ) {
        var configuration = ServerConfiguration()
        configure(&configuration)
        core = ServerCore(
            configuration: configuration,
            router: Router(routes),
            errors: HTTPResponse.plainErrors,
            admission: admission,
            log: Log(level: .off),
            metrics: nil,
            bodies: BodyBudget(limit: configuration.bodyMemoryBytes),
            spooled: BodyBudget(limit: configuration.spoolBytes, isMemory: false)
        )
        machine = ConnectionMachine(configuration: configuration, now: 0)
    }

    /// Any name may be got and posted to; `/upload` needs a body, and a short one.
    static var anything: [Route] {
        var upload = Route.immediate(.put, "/upload") { _ in .text("") }
        upload.requiresBody = true
        upload.maxBodyBytes = 8
        return [
            .immediate(.get, "/{name}") { _ in .text("") },
            .immediate(.post, "/{name}") { _ in .text("") }, upload,
        ]
    }

    private var context: ConnectionContext {
        ConnectionContext(
            now: now,
            dateLine: ServerClock.dateLine(seconds: 1_000_000_000),
            admit: { [core] in core.admit($0) { "made" } },
            makeRequestID: { "made" },
            renderError: { [core] in core.error($0, $1) },
            noRoom: { [core] in core.noRoom }
        )
    }

    mutating func receive(_ text: String) { receive(bytes(text)) }

    mutating func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { machine.receive($0, now: now) }
        run()
    }

    mutating func end() {
        machine.receiveEnd()
        run()
    }

    mutating func answer(_ index: Int, _ response: HTTPResponse) {
        machine.complete(waiting[index].sequence, response)
        run()
    }

    mutating func pass(_ duration: Duration) -> Bool {
        now += duration.nanoseconds
        defer { run() }
        if case .abort = machine.expire(context) { return true }
        return false
    }

    mutating func run() {
        while true {
            let action = machine.step(context)
            let hadOutput = isReading && !machine.output.isEmpty
            if hadOutput {
                machine.output.withUnsent { text += String(decoding: $0, as: UTF8.self) }
                machine.sent(machine.output.count, now: now)
            }
            switch action {
            case .dispatch(let sequence, let request, _): waiting.append((sequence, request))
            case .startStream: streams += 1
            case .spool(let file, let bytes): spool(file, bytes)
            case .openFile: machine.refuseFile(.text("no file", status: 500))
            case .finish: isFinished = true; return
            case nil: if !hadOutput { return }
            }
        }
    }

    private mutating func spool(_ file: BodyFile, _ bytes: [UInt8]) {
        guard !isDiskSlow else { return }
        do throws(HTTPServerError) {
            try file.append(bytes)
            machine.spooled(nil, context)
        } catch {
            machine.spooled(error, context)
        }
    }

    /// The statuses of the replies sent.
    var statuses: [Int] {
        text.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }
}
