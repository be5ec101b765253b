import TestSupport
import Testing

@testable import HTTP

/// Whatever a peer sends, the parsers give a result or a refusal; a trap would end the test run.
@Suite struct ParserFuzzTests {
    private static let requests =
        "POST /b?x=%41 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\n\r\nhello"
        + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3;note=\"x\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: dropped\r\n\r\n"
        + "OPTIONS * HTTP/1.1\r\nHost: [::1]:8\r\nExpect: 100-continue\r\n\r\nGET /d HTTP/1.0\r\n\r\n"
    private static let words = [
        "\r\n", "\r\n\r\n", "\n", "\r", "\0", " ", "\t", ":", "%", "%00",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\n", "Host: \r\n", "HTTP/9.9",
        "\u{FF}",
    ]

    @Test func `damaged requests give the same whether whole or byte by byte`() {
        var refusals = 0
        for request in Mutations(of: Self.requests.utf8, count: 3000, seed: 1, words: Self.words) {
            let whole = Parsed([request])
            #expect(Parsed(request.map { [$0] }) == whole)
            if whole.refusal != nil { refusals += 1 }
        }
        #expect(refusals > 1000)
    }

    @Test func `damaged forms are parts or malformed`() {
        let lines = [
            "--x y", "Content-Disposition: form-data; name=\"purpose\"", "", "fine-tune", "--x y ",
            "content-disposition: form-data; name=file; filename=\"a;\\\"b%22.jsonl\"", "", "{}",
            "--x y--", "",
        ]
        let words = ["--x y", "--x y--", "\r\n", "\"", "\\", ";", "=", "%2", "name*=UTF-8''%ff"]
        let body = lines.joined(separator: "\r\n")
        var refused = 0
        for form in Mutations(of: body.utf8, count: 4000, seed: 2, words: words) {
            let parts = try? MultipartForm(
                BodyContent(form),
                contentType: "multipart/form-data; boundary=\"x y\""
            ).parts
            if parts == nil { refused += 1 }
        }
        #expect((400..<4000).contains(refused))
    }

    @Test func `damaged content types are a boundary or malformed`() {
        let type = "multipart/form-data; charset=utf-8; boundary=\"x\\\" y\""
        let body = Array("--x\r\ncontent-disposition: form-data; name=e\r\n\r\n\r\n--x--".utf8)
        var refused = 0
        for bytes in Mutations(
            of: type.utf8,
            count: 2000,
            seed: 3,
            words: ["boundary=", "\"", ";", "\\"]
        ) {
            let form = try? MultipartForm(
                BodyContent(body),
                contentType: String(decoding: bytes, as: UTF8.self)
            )
            if form == nil { refused += 1 }
        }
        #expect(refused > 1000)
    }
}
