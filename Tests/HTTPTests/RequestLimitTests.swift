import Testing

@testable import HTTP

private var small: HTTPLimits {
    var limits = HTTPLimits()
    limits.startLineBytes = 64
    limits.headerBytes = 128
    limits.headerCount = 4
    limits.bodyBytes = 10
    return limits
}

private func post(_ length: Int) -> String {
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n"
}

@Test func `an endless request line is refused before its end`() {
    #expect(Parsed("GET /" + String(repeating: "a", count: 60), limits: small).refusal == 414)
}

@Test func `an endless header is refused before its end`() {
    let start = "GET / HTTP/1.1\r\nHost: h\r\nA: "
    #expect(Parsed(start + String(repeating: "a", count: 128), limits: small).refusal == 431)
    let lines = String(repeating: "A: b\r\n", count: 5)
    #expect(Parsed("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n", limits: small).refusal == 431)
}

@Test func `a body at its limit passes and one over it is refused before it comes`() {
    #expect(Parsed(post(10) + "0123456789", limits: small).bodies == [bytes("0123456789")])
    #expect(Parsed(post(11), limits: small).refusal == 413)
}

@Test func `chunks that add up over the limit are refused`() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(Parsed(head + "6\r\n012345\r\n5\r\n", limits: small).refusal == 413)
    #expect(Parsed(head + "6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n", limits: small).bodies.count == 1)
}

@Test func `a body limit can be changed at the head`() {
    var parser = RequestParser(limits: small)
    bytes(post(11) + "01234567890").withUnsafeBytes { parser.feed($0) }
    guard case .head = parser.next() else {
        Issue.record("there is no head")
        return
    }
    parser.bodyLimit = 11
    guard case .request(let body) = parser.next() else {
        Issue.record("there is no body")
        return
    }
    #expect(body.count == 11)
}
