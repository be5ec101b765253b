import HTTP
import Outbound
import Scheduling
import Synchronization
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(15)))
struct OutboundHTTPTests {
    /// Serves on a free port while the body runs.
    private func serving(
        _ routes: [Route],
        _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let server = try HTTPServer(
            configuration: ServerConfiguration(),
            router: Router(routes),
            log: Log(level: .off),
            metrics: nil
        )
        let port = server.port
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            try await body(port)
            server.shutdown()
            try await group.waitForAll()
        }
    }

    @Test func `a service of this machine is asked`() async throws {
        let echo = Route.async(.post, "/score") { request in
            HTTPResponse(contentType: "application/json", bytes: request.body)
        }
        try await serving([echo]) { port in
            let outbound = OutboundHTTP()
            for host in ["127.0.0.1", "localhost"] {
                let reply = try await outbound.post(
                    "http://\(host):\(port)/score",
                    body: Array("[1]".utf8),
                    timeout: .seconds(10)
                )
                #expect(reply == RemoteReply(status: 200, body: Array("[1]".utf8)))
            }
            // Naming it in the list as well takes nothing away.
            let listed = OutboundHTTP(hosts: ["localhost", "127.0.0.1:\(port)"])
            for host in ["127.0.0.1", "localhost"] {
                let reply = try await listed.post(
                    "http://\(host):\(port)/score",
                    body: [],
                    timeout: .seconds(10)
                )
                #expect(reply.status == 200)
            }
            let missing = try await outbound.post(
                "http://127.0.0.1:\(port)/other",
                body: [],
                timeout: .seconds(10)
            )
            #expect(missing.status == 404)
        }
    }

    @Test func `a redirect is a reply and leads nowhere`() async throws {
        let visits = Mutex(0)
        let routes = [
            Route.async(.post, "/here") { _ in
                HTTPResponse(307, headers: ["location": "/there"], body: .bytes([]))
            },
            Route.async(.post, "/there") { _ in
                visits.withLock { $0 += 1 }
                return HTTPResponse(contentType: "application/json", bytes: [])
            },
        ]
        try await serving(routes) { port in
            let reply = try await OutboundHTTP().post(
                "http://127.0.0.1:\(port)/here",
                body: [],
                timeout: .seconds(10)
            )
            #expect(reply.status == 307)
        }
        #expect(visits.withLock { $0 } == 0)
    }

    @Test(arguments: [
        "http://example.com/", "http://10.0.0.1:80/", "http://127.0.0.1.example.com/",
        "http://[::2]/", "http://0.0.0.0/", "http://2130706433/", "https://localhost/",
        "localhost", "http://localhost.evil/", "http://127.1/",
    ])
    func `other hosts are refused before anything is looked up`(_ url: String) async {
        let outbound = OutboundHTTP(hosts: ["judge.example:8000"])
        #expect(outbound.refusal(of: url) != nil)
        await #expect(throws: RemoteFailure.self) {
            try await outbound.post(url, body: [], timeout: .seconds(1))
        }
    }

    @Test func `listed hosts are allowed, with their port when one is given`() {
        let outbound = OutboundHTTP(hosts: ["judge.example:8000", "Other.example"])
        #expect(outbound.refusal(of: "http://judge.example:8000/score") == nil)
        #expect(outbound.refusal(of: "http://judge.example/score") != nil)
        #expect(outbound.refusal(of: "http://other.example:81/") == nil)
    }

    /// Names that the system's look-up takes for this machine, as a name that somebody else's server
    /// answers for could be.
    @Test(arguments: ["2130706433", "127.1", "0x7f000001", "0", "017700000001"])
    func `a listed name that leads to a private address leads nowhere`(_ name: String) async throws
    {
        let visits = Mutex(0)
        let route = Route.async(.post, "/") { _ in
            visits.withLock { $0 += 1 }
            return HTTPResponse(contentType: "application/json", bytes: [])
        }
        try await serving([route]) { port in
            let outbound = OutboundHTTP(hosts: ["\(name):\(port)"])
            #expect(outbound.refusal(of: "http://\(name):\(port)/") == nil)
            let failure = await #expect(throws: RemoteFailure.self) {
                try await outbound.post(
                    "http://\(name):\(port)/",
                    body: [],
                    timeout: .seconds(5)
                )
            }
            #expect(failure?.message.contains("is not a public one") == true)
            #expect(visits.withLock { $0 } == 0)
            // The address being named too, it is meant.
            let named = OutboundHTTP(hosts: ["\(name):\(port)", "127.0.0.0/8", "0.0.0.0"])
            let reply = try await named.post(
                "http://\(name):\(port)/",
                body: [],
                timeout: .seconds(5)
            )
            #expect(reply.status == 200)
        }
    }

    @Test func `ranges allow the addresses in them, however they are spelled`() {
        let outbound = OutboundHTTP(hosts: ["10.1.0.0/16", "[fd00::5]:80", "192.168.0.7:81"])
        for url in [
            "http://10.1.2.3/", "http://10.1.2.3:99/", "http://[::ffff:10.1.2.3]/",
            "http://[fd00::5]/", "http://192.168.0.7:81/",
        ] {
            #expect(outbound.refusal(of: url) == nil, "\(url)")
        }
        for url in [
            "http://10.2.0.1/", "http://167837955/", "http://[fd00::6]/", "http://192.168.0.7/",
            "http://[fd00::5]:81/",
        ] {
            #expect(outbound.refusal(of: url) != nil, "\(url)")
        }
    }

    @Test func `nobody at the port is a failure that may pass`() async throws {
        let failure = await #expect(throws: RemoteFailure.self) {
            try await OutboundHTTP().post("http://127.0.0.1:1/", body: [], timeout: .seconds(5))
        }
        #expect(failure?.mayPass == true)
        #expect(failure?.message.contains("cannot connect") == true)
    }
}
