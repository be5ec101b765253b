import API
import APITypes
import Domain
import Foundation
import Telemetry
import Testing

@Suite struct DaemonConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        let file = NSTemporaryDirectory() + "hone-config-\(UUID().uuidString).json"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try DaemonConfiguration(file: file)
    }

    @Test func `fields that are left out have their defaults`() throws {
        let configuration = try read(#"{"port": 9000, "log_level": "debug"}"#)
        #expect(configuration.port == 9000)
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.logLevel == .debug)
    }

    @Test func `all faults are listed`() {
        #expect { try read(#"{"prt": 1, "port": 70000, "log_level": "loud"}"#) } throws: {
            ($0 as? Faults)?.list.count == 3
        }
        #expect(throws: HoneError.self) { try read("{") }
        #expect(throws: HoneError.self) { try DaemonConfiguration(file: "/nowhere/x.json") }
    }

    @Test func `a file that cannot be read is told in the system's words`() {
        let missing = #expect(throws: HoneError.self) {
            try DaemonConfiguration(file: "/nowhere/x.json")
        }
        #expect(missing?.message == "/nowhere/x.json cannot be read: No such file or directory")
        let folder = #expect(throws: HoneError.self) { try DaemonConfiguration(file: "/usr") }
        #expect(folder?.message == "/usr cannot be read: Is a directory")
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("localhost", true), ("::1", true), ("127.1.2.3", true),
        ("0.0.0.0", false), ("192.168.0.1", false), ("127.evil.example", false), ("", false),
        ("127.0.0.1.evil.example", false),
    ])
    func `only loopback may be listened at without a token`(host: String, isAllowed: Bool) {
        var configuration = DaemonConfiguration()
        configuration.host = host
        #expect(((try? configuration.check(hasToken: false)) != nil) == isAllowed)
        #expect((try? configuration.check(hasToken: true)) != nil)
    }

    @Test func `a request for another host name is refused`() async throws {
        try await LiveServer.with { server in
            let socket = try RawRequest.send(
                "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                port: server.port
            )
            #expect(socket.hasPrefix("HTTP/1.1 403"))
        }
    }

    @Test func `a port in use is one clear error`() async throws {
        try await LiveServer.with { server in
            let context = APIContext(
                control: server.control,
                metrics: MetricsRegistry(),
                log: Log(level: .off),
                temporaryFolder: "/tmp/unused"
            )
            #expect {
                _ = try APIServer.make(host: "127.0.0.1", port: server.port, context: context)
            } throws: {
                ($0 as? HoneError)?.code == .portInUse
            }
        }
    }
}
