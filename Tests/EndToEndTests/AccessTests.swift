import Domain
import Foundation
import HTTP
import TestSupport
import Testing

extension EndToEndTests {
    /// Tokens, as their user meets them.
    @Suite struct AccessTests {
        private static func hone(
            _ arguments: [String]
        ) async throws -> (code: Int32, output: String, errors: String) {
            try await Program.run("hone", arguments)
        }

        private static func status(_ url: String, _ token: String?) async throws -> Int {
            var headers = HTTPHeaders()
            if let token { headers["authorization"] = "Bearer \(token)" }
            let request = ClientRequest(.get, try HTTPURL(url + "/v1/tokens"), headers: headers)
            return try await HTTPClient.patient.send(request).status.rawValue
        }

        @Test func `other machines are let in only with a token, which is made before the start`()
            async throws
        {
            let folder = try TemporaryFolder()
            let data = folder.path + "/data"
            let refused = try await Program.run(
                "honed",
                ["--host", "0.0.0.0", "--port", "0", "--data", data]
            )
            #expect(refused.code == 1)
            #expect(refused.errors.contains("hone token create"), "\(refused.errors)")
            let made = try await Self.hone([
                "token", "create", "root", "--scopes", "admin", "--data", data,
            ])
            try #require(made.code == 0, "\(made.errors)")
            let token = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(token.hasPrefix("hone_"))
            let honed = try await Honed(data: data, options: ["--host", "0.0.0.0"])
            let url = honed.url.replacing("0.0.0.0", with: "127.0.0.1")
            #expect(try await Self.status(url, nil) == 401)
            #expect(try await Self.status(url, token) == 200)
            honed.program.kill(SIGTERM)
            #expect(try await honed.program.exitCode() == 0)
            #expect(!honed.program.errors.contains(token))
            let revoked = try await Self.hone(["token", "revoke", "root", "--data", data])
            #expect(revoked.code == 0)
            let list = try await Self.hone(["token", "list", "--json", "--data", data])
            #expect(list.output.contains("revoked_at") && !list.output.contains(token))
            // A token that opens nothing is none.
            let again = try await Program.run(
                "honed",
                ["--host", "0.0.0.0", "--port", "0", "--data", data]
            )
            #expect(again.code == 1)
        }

        @Test(arguments: [
            (["token"], 2), (["token", "make", "x"], 2), (["token", "create", "x"], 2),
            (["token", "create", "--scopes", "read"], 2),
            (["token", "create", "x", "--scopes", "root"], 2),
            (["token", "create", "x", "--scopes", "read", "--expires", "soon"], 2),
            (["token", "create", "../x", "--scopes", "read"], 1), (["token", "revoke", "x"], 1),
        ])
        func `wrong uses are refused`(arguments: [String], code: Int) async throws {
            let folder = try TemporaryFolder()
            let isWhole = arguments.count > 1
            let data = isWhole ? ["--data", folder.path + "/data"] : []
            let result = try await Self.hone(arguments + data)
            #expect(Int(result.code) == code, "\(result)")
            #expect(!result.errors.isEmpty)
        }
    }
}
