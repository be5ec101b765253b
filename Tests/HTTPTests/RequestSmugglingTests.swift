import Testing

@testable import HTTP

/// An attack or mistake, and the status it must be refused with.
struct Attack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let status: Int

    init(_ name: String, _ text: String, _ status: Int = 400) {
        testDescription = name
        self.text = text
        self.status = status
    }

    /// Header lines of a POST whose request line is good.
    static func post(_ name: String, _ lines: String, _ status: Int = 400) -> Attack {
        Attack(name, "POST / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n0\r\n\r\n", status)
    }

    static func chunked(_ name: String, _ body: String, _ status: Int = 400) -> Attack {
        Attack(
            name,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            status
        )
    }

    static func line(_ name: String, _ line: String, _ status: Int = 400) -> Attack {
        Attack(name, "\(line)\r\nHost: h\r\n\r\n", status)
    }
}

private let framing: [Attack] = [
    .post("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
    .post("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4"),
    .post("TE.TE, hidden", "Transfer-Encoding: xchunked", 501),
    .post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    .post("TE with identity after", "Transfer-Encoding: chunked, identity"),
    .post("gzip under chunked", "Transfer-Encoding: gzip, chunked", 501),
    .post("unknown coding", "Transfer-Encoding: br", 501),
    .post("TE with vertical tab", "Transfer-Encoding: \u{0B}chunked"),
    .post("TE empty", "Transfer-Encoding:"),
    .post("TE with space before colon", "Transfer-Encoding : chunked"),
    .post("TE folded", "Transfer-Encoding:\r\n chunked"),
    .post("conflicting lengths", "Content-Length: 3\r\nContent-Length: 4"),
    .post("length list", "Content-Length: 3, 3"),
    .post("signed length", "Content-Length: +3"),
    .post("negative length", "Content-Length: -3"),
    .post("hexadecimal length", "Content-Length: 0x3"),
    .post("length with inner space", "Content-Length: 3 3"),
    .post("empty length", "Content-Length:"),
    .post("overflowing length", "Content-Length: 99999999999999999999999", 413),
    Attack("TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
]

private let chunks: [Attack] = [
    .chunked("chunk size with sign", "+3\r\nabc\r\n0\r\n\r\n"),
    .chunked("chunk size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"),
    .chunked("empty chunk size", "\r\nabc\r\n0\r\n\r\n"),
    .chunked("huge chunk size", "ffffffffffffffffff\r\n"),
    .chunked("chunk over the limit", "fffffffffffffff\r\n", 413),
    .chunked("chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"),
    .chunked("chunk size line with bare LF", "3\nabc\r\n0\r\n\r\n"),
    .chunked("chunk data ended by LF", "3\r\nabc\n0\r\n\r\n"),
    .chunked("space after chunk size", "3 \r\nabc\r\n0\r\n\r\n"),
    .chunked("bare CR in extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
    .chunked("trailer with space before colon", "0\r\nA : b\r\n\r\n"),
    .chunked("extension without end", "3;" + String(repeating: "x", count: 2000)),
    .chunked(
        "fat extensions",
        String(repeating: "1;" + String(repeating: "x", count: 900) + "\r\na\r\n", count: 30)
    ),
    .chunked("endless trailers", "0\r\n" + String(repeating: "A: b\r\n", count: 300), 431),
]

private let heads: [Attack] = [
    .line("no version", "GET /"),
    .line("HTTP/0.9", "GET / HTTP/0.9", 505),
    .line("HTTP/2 preface", "PRI * HTTP/2.0", 505),
    .line("HTTP/3.0", "GET / HTTP/3.0", 505),
    .line("lower-case version", "GET / http/1.1"),
    .line("long version", "GET / HTTP/1.10"),
    .line("two spaces", "GET  / HTTP/1.1"),
    .line("space in target", "GET /a b HTTP/1.1"),
    .line("trailing space", "GET / HTTP/1.1 "),
    .line("tab as separator", "GET\t/ HTTP/1.1"),
    .line("leading space", " GET / HTTP/1.1"),
    .line("unknown method", "BREW / HTTP/1.1", 501),
    .line("lower-case method", "get / HTTP/1.1", 501),
    .line("method not a token", "G@T / HTTP/1.1"),
    .line("CONNECT", "CONNECT h:80 HTTP/1.1", 501),
    .line("target without slash", "GET x HTTP/1.1"),
    .line("fragment", "GET /#x HTTP/1.1"),
    .line("raw UTF-8 in target", "GET /é HTTP/1.1"),
    .line("cut escape", "GET /%4 HTTP/1.1"),
    .line("bad escape", "GET /%zz HTTP/1.1"),
    .line("bad escape in query", "GET /?a=%G0 HTTP/1.1"),
    .line("escape that is not UTF-8", "GET /%ff HTTP/1.1"),
    .line("escaped NUL", "GET /%00 HTTP/1.1"),
    Attack("no host", "GET / HTTP/1.1\r\n\r\n"),
    Attack("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    Attack("empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    Attack("host with space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    Attack("host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    Attack("host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    Attack("host with bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    Attack("bare LF", "GET / HTTP/1.1\nHost: h\n\n"),
    Attack("bare CR in value", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"),
    Attack("NUL in value", "GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"),
    Attack("obsolete folding", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"),
    Attack("field without colon", "GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n"),
    Attack("field without name", "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n"),
    Attack("name not a token", "GET / HTTP/1.1\r\nHost: h\r\nA(b): c\r\n\r\n"),
    Attack("first field folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
    Attack("TLS hello", "\u{16}\u{03}\u{01}"),
    .post("unknown expectation", "Expect: tea", 417),
]

@Test(arguments: framing + chunks + heads)
func `refuses`(attack: Attack) {
    #expect(Parsed(attack.text).refusal == attack.status)
    #expect(Parsed(bytes(attack.text).map { [$0] }).refusal == attack.status)
}

@Test func `takes hosts of every kind`() {
    for host in ["a", "a.b:80", "127.0.0.1:8420", "[::1]", "[::1]:80", "a_b", "a:"] {
        #expect(Parsed("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").refusal == nil, "\(host)")
    }
}
