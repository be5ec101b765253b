@testable import API
import Domain
import HTTP
import Testing

@Suite struct AllowanceTests {
    @Test func `an allowance comes back evenly`() {
        var allowance = Allowance()
        for _ in 0..<6 {
            #expect(allowance.wait(of: 6, now: 100) == nil)
            allowance.use(1, of: 6, now: 100)
        }
        let wait = allowance.wait(of: 6, now: 100) ?? 0
        #expect(abs(wait - 10) < 1e-9)
        #expect(allowance.wait(of: 6, now: 110.001) == nil)
        // What was used beyond it is waited for.
        allowance.use(60, of: 6, now: 110)
        #expect((allowance.wait(of: 6, now: 110) ?? 0) > 500)
    }

    @Test func `failed attempts are slowed by peer, in a table of fixed size`() {
        var table = AttemptTable()
        for _ in 0..<10 {
            #expect(table.wait("a", now: 0) == nil)
            table.fail("a", now: 0)
        }
        #expect(table.wait("a", now: 0) == 60 / Double(AttemptTable.pace))
        #expect(table.wait("a", now: 6) == nil)
        #expect(table.wait("b", now: 0) == nil)
        for number in 0..<5000 { table.fail("peer \(number)", now: 1) }
        #expect(table.peerCount <= AttemptTable.capacity)
        // Room is made by those who failed least.
        #expect(table.wait("a", now: 1) != nil)
    }

    @Test(arguments: [
        ("hone_0123abcd_" + String(repeating: "a", count: 64), true),
        ("hone_0123abcd_" + String(repeating: "A", count: 64), false),
        ("hone_0123abcd_" + String(repeating: "a", count: 63), false),
        ("hone_0123abc__" + String(repeating: "a", count: 64), false),
        ("Hone_0123abcd_" + String(repeating: "a", count: 64), false), ("", false), ("é", false),
    ])
    func `only what has the shape is a token`(text: String, isToken: Bool) {
        #expect((AccessToken(text) != nil) == isToken)
    }

    @Test func `tokens are drawn anew and digests compared whole`() {
        let (one, other) = (AccessToken(), AccessToken())
        #expect(one != other && one.text.hasPrefix("hone_\(one.id)_"))
        #expect(AccessToken(one.text) == one)
        #expect(SHA256.isEqual(one.digest, one.digest))
        #expect(!SHA256.isEqual(one.digest, other.digest))
        #expect(!SHA256.isEqual(one.digest, []))
    }

    @Test(arguments: [
        ("GET", "localhost", nil, true), ("GET", "evil.example", nil, false),
        ("GET", "hone.example:443", nil, true), ("GET", "HONE.example", nil, true),
        ("POST", "localhost", "http://evil.example", false),
        ("POST", "localhost", "http://localhost:9", true),
        ("POST", "hone.example", "https://hone.example", true), ("POST", "[::1]:80", "null", false),
    ])
    func `the host is this machine or listed`(
        method: String,
        host: String,
        origin: String?,
        isLetIn: Bool
    ) throws {
        var parser = RequestParser()
        let line = origin.map { "Origin: \($0)\r\n" } ?? ""
        let text = "\(method) / HTTP/1.1\r\nHost: \(host)\r\n\(line)\r\n"
        guard case .head(let head) = try #require(parser.consume(Array(text.utf8)).first) else {
            Issue.record("no head")
            return
        }
        let guardian = HostGuard(ServedHosts(names: ["hone.example"]))
        #expect((guardian.refusal(of: head) == nil) == isLetIn)
    }

    @Test func `names begin with a letter or digit and are at most 128 long`() {
        for name in ["a", "A-1_.b", "0", String(repeating: "x", count: 128)] {
            #expect(ResourceName.problem(name) == nil, "\(name)")
        }
        for name in ["", ".", "..", "-a", "_a", "a/b", "a b", "é", "a\u{0}", "a\n"] {
            #expect(ResourceName.problem(name) != nil, "\(name)")
        }
        #expect(ResourceName.problem(String(repeating: "x", count: 129)) != nil)
    }
}
