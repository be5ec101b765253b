import Testing

@testable import HTTP

@Suite struct MultipartFormTests {
    private static let type = "multipart/form-data; boundary=\"x y\""

    private static func body(_ lines: String...) -> [UInt8] {
        Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func form(_ body: [UInt8], _ type: String = type) throws -> MultipartForm {
        try MultipartForm(BodyContent(body), contentType: type)
    }

    @Test func `fields and files come out as they were put in`() throws {
        let body = Self.body(
            "a preamble",
            "--x y",
            "Content-Disposition: form-data; name=\"purpose\"",
            "",
            "fine-tune",
            "--x y ",
            "content-disposition: form-data; name=file; filename=\"a;\\\"b%22.jsonl\"",
            "Content-Type: application/octet-stream",
            "",
            "{}\r\n--x yz\r\n--x",
            "--x y--",
            ""
        )
        let form = try Self.form(body)
        #expect(form.parts.map(\.name) == ["purpose", "file"])
        #expect(try form["purpose"]?.text() == "fine-tune" && form["purpose"]?.filename == nil)
        #expect(form["file"]?.filename == "a;\"b\".jsonl")
        #expect(form["file"]?.contentType == "application/octet-stream")
        #expect(try form["file"]?.text() == "{}\r\n--x yz\r\n--x")
    }

    @Test func `an empty part and an empty form are taken`() throws {
        let empty = Self.body("--b", "content-disposition: form-data; name=e", "", "", "--b--")
        #expect(try Self.form(empty, "multipart/form-data;boundary=b")["e"]?.body.count == 0)
        #expect(try Self.form(Self.body("--b--"), "multipart/form-data;boundary=b").parts.isEmpty)
    }

    @Test(arguments: [
        "", "--x y", "--x y\r\n", "--x y\r\n\r\n--x y--",
        "--x y\r\ncontent-disposition: form-data; name=a\r\n--x y--",
        "--x y\r\ncontent-disposition: form-data; name=a\r\n\r\nno end",
        "--x y\r\ncontent-disposition: attachment; name=a\r\n\r\nb\r\n--x y--",
        "--x y\r\nno colon\r\n\r\nb\r\n--x y--",
    ])
    func `what is no form is refused`(_ text: String) {
        #expect(throws: MultipartForm.Malformed.self) { try Self.form(Array(text.utf8)) }
    }

    @Test(arguments: 262_050..<262_170)
    func `a form longer than what is looked at at once comes out whole`(length: Int) throws {
        // The delimiters go over the edge of the window at each of their bytes.
        let long = [UInt8](repeating: 0x0D, count: length)
        var body = Self.body("--b", "content-disposition: form-data; name=f", "", "")
        body += long + Self.body("", "--b", "content-disposition: form-data; name=g", "", "")
        body += long + Self.body("", "--bc", "", "--b--", "")
        let form = try Self.form(body, "multipart/form-data;boundary=b")
        let first = try #require(form["f"]?.body)
        #expect(try first.bytes(in: 0..<first.count) == long)
        #expect(form["g"]?.body.count == length + 8)
        #expect(try form["f"]?.text() == nil)
    }

    @Test func `limits hold`() {
        let part = "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n"
        let many = String(repeating: part, count: MultipartForm.mostParts + 1) + "--b--"
        let long = "--b\r\nx: \(String(repeating: "y", count: 9000))\r\n\r\n1\r\n--b--"
        for text in [many, long] {
            #expect(throws: MultipartForm.Malformed.self) {
                try Self.form(Array(text.utf8), "multipart/form-data; boundary=b")
            }
        }
        for type in ["text/plain", "multipart/form-data", "multipart/form-data; boundary="] {
            #expect(throws: MultipartForm.Malformed.self) { try Self.form([], type) }
        }
    }
}
