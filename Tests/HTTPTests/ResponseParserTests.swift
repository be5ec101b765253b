import Testing

@testable import HTTP

private func parse(
    _ text: String,
    method: HTTPMethod = .get,
    cut: Int
) throws -> (Int?, String, Bool) {
    var parser = ResponseParser(method: method, limits: HTTPLimits())
    var status: Int?
    var body: [UInt8] = []
    let all = bytes(text)
    for piece in [all[..<cut], all[cut...]] {
        piece.withUnsafeBytes { parser.feed($0) }
        if status == nil { status = try parser.nextHead()?.status.rawValue }
        body += try parser.takeBody()
    }
    return (status, String(decoding: body, as: UTF8.self), parser.mayEnd)
}

@Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "hello"
    ),
    ("HTTP/1.0 200 OK\r\n\r\nhello", "hello"),
    ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ""),
])
func `reads a reply at every cut`(text: String, body: String) throws {
    for cut in 0...bytes(text).count {
        let (status, read, mayEnd) = try parse(text, cut: cut)
        #expect(status == 200)
        #expect(read == body)
        #expect(mayEnd)
    }
}

@Test func `replies to HEAD and 304 have no body whatever they announce`() throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    #expect(try parse(head, method: .head, cut: 3).2)
    #expect(try parse("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", cut: 3).2)
    #expect(try parse(head, cut: 3).2 == false)
}

@Test(arguments: [
    "HTTP/2 200 OK\r\n", "HTTP/1.1 abc\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n",
])
func `refuses what is not a reply`(text: String) {
    #expect(throws: HTTPParseError.self) { try parse(text, cut: 1) }
}

@Test func `URLs come apart`() throws {
    let url = try HTTPURL("http://[::1]:8420/a?b#c")
    #expect(url.host == "::1")
    #expect(url.port == 8420)
    #expect(url.target == "/a?b")
    #expect(url.authority == "[::1]:8420")
    #expect(try HTTPURL("HTTP://example.org").target == "/")
    #expect(try HTTPURL("http://example.org?x").target == "/?x")
    for bad in [
        "https://a/", "http://", "http:///x", "http://a:0/", "http://a:99999/", "http://a b/", "a",
    ] {
        #expect(throws: HTTPClientError.invalidURL(bad)) { try HTTPURL(bad) }
    }
}
