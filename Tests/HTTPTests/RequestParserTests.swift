import Testing

@testable import HTTP

private let pipelined =
    "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
    + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "3;note=\"x\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: dropped\r\n\r\n"
    + "GET /d HTTP/1.0\r\n\r\n"

@Test func `every cut in two gives the same requests`() {
    let all = bytes(pipelined)
    let whole = Parsed([all])
    #expect(whole.targets == ["/a?x=1", "/b", "/c", "/d"])
    #expect(whole.bodies == [[], bytes("hello"), bytes("abc0123456789"), []])
    for cut in 0...all.count {
        #expect(Parsed([Array(all[..<cut]), Array(all[cut...])]) == whole)
    }
    #expect(Parsed(all.map { [$0] }) == whole)
}

@Test func `every cut of a refused request gives the same refusal`() {
    let all = bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost : h\r\n\r\n")
    for cut in 0...all.count {
        let parsed = Parsed([Array(all[..<cut]), Array(all[cut...])])
        #expect(parsed.targets == ["/"])
        #expect(parsed.refusal == 400)
    }
}

@Test func `a head without its end is no request`() {
    let all = bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for length in 0..<all.count { #expect(Parsed([Array(all[..<length])]).targets.isEmpty) }
}

@Test func `keeps duplicates in order and finds names without case`() throws {
    let head = try #require(
        parsedHead("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a:\t 2 \r\nB:\r\n\r\n")
    )
    #expect(head.headers.values("X-a") == ["1", "2"])
    #expect(head.headers["B"] == "")
    #expect(head.headers["missing"] == nil)
}

@Test func `decodes path and query apart`() throws {
    let head = try #require(
        parsedHead("GET /a%2Fb/c+d/%C3%A9?q=a+b%26c&q=&flag&%20=1 HTTP/1.1\r\nHost: h\r\n\r\n")
    )
    #expect(head.segments == ["a/b", "c+d", "é"])
    #expect(head.query.values("q") == ["a b&c", ""])
    #expect(head.query["flag"] == "")
    #expect(head.query[" "] == "1")
}

@Test func `takes the absolute form and the asterisk form`() throws {
    let absolute = try #require(parsedHead("GET http://h:80/x?y=1 HTTP/1.1\r\nHost: h\r\n\r\n"))
    #expect(absolute.path == "/x")
    #expect(absolute.query["y"] == "1")
    #expect(parsedHead("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")?.path == "*")
    #expect(Parsed("GET * HTTP/1.1\r\nHost: h\r\n\r\n").refusal == 400)
}

@Test(arguments: [
    ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.0", "", false),
    ("1.0", "Connection: Keep-Alive\r\n", true), ("1.1", "Connection: x, CLOSE\r\n", false),
])
func `keeps a connection alive as the version and the client say`(
    version: String,
    field: String,
    keepsAlive: Bool
) {
    #expect(
        parsedHead("GET / HTTP/\(version)\r\nHost: h\r\n\(field)\r\n")?.keepsAlive == keepsAlive
    )
}

@Test func `ignores two blank lines before a request but not three`() {
    let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    #expect(Parsed("\r\n\r\n" + request).targets == ["/"])
    #expect(Parsed("\r\n\r\n\r\n" + request).refusal == 400)
}

@Test func `nothing follows a refusal`() {
    let parsed = Parsed("BAD\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(parsed.refusal == 400)
    #expect(parsed.targets.isEmpty)
}

@Test func `takes hosts of every kind`() {
    for host in ["a", "a.b:80", "127.0.0.1:8420", "[::1]", "[::1]:80", "a_b", "a:"] {
        #expect(Parsed("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").refusal == nil, "\(host)")
    }
}

@Test func `the host of an absolute target takes the host field's place`() throws {
    let head = try #require(parsedHead("GET http://a:1/ HTTP/1.1\r\nHost: b\r\n\r\n"))
    #expect(head.headers.values("host") == ["a:1"])
}
