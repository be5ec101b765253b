/// A request head of which the request line has been read and some header lines.
struct PartialHead: Sendable {
    let method: HTTPMethod
    let target: String
    let parsedTarget: RequestTarget
    let minorVersion: Int
    var headers = HTTPHeaders()
    /// Bytes of header lines so far.
    var bytes = 0

    /// Reads `method SP request-target SP HTTP-version` (RFC 9112 §3).
    init(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard let first = line.firstIndex(of: 0x20), first > 0,
            let last = line.lastIndex(of: 0x20), last > first + 1
        else { throw .syntax("the request line is not a method, a target and a version") }
        let name = UnsafeRawBufferPointer(rebasing: line[..<first])
        guard name.allSatisfy(ByteClass.isToken) else { throw .syntax("the method is not a token") }
        let version = UnsafeRawBufferPointer(rebasing: line[(last + 1)...])
        minorVersion = try PartialHead.minorVersion(version)
        guard let method = PartialHead.method(name) else {
            throw HTTPParseError(501, "the method is not implemented")
        }
        let raw = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
        self.method = method
        parsedTarget = try RequestTarget(raw, method: method)
        target = String(decoding: raw, as: UTF8.self)
    }

    /// Checks what must hold for all header lines together.
    func finished() throws(HTTPParseError) -> RequestHead {
        var hosts = 0
        for field in headers.fields where field.name == "host" {
            hosts += 1
            guard HostField.isValid(field.value) else { throw .syntax("the host is invalid") }
        }
        guard hosts == 1 || (hosts == 0 && minorVersion == 0) else {
            throw .syntax(hosts == 0 ? "there is no host field" : "there are several host fields")
        }
        return RequestHead(
            method: method,
            target: target,
            segments: parsedTarget.segments,
            query: parsedTarget.query,
            minorVersion: minorVersion,
            headers: headers,
            framing: try .ofRequest(headers, minorVersion: minorVersion),
            expectsContinue: try expectsContinue(),
            keepsAlive: keepsAlive,
            isAsterisk: parsedTarget.isAsterisk
        )
    }

    private func expectsContinue() throws(HTTPParseError) -> Bool {
        guard let expectation = headers.first(lowercased: "expect"), minorVersion > 0 else {
            return false
        }
        guard expectation.lowercased() == "100-continue" else {
            throw HTTPParseError(417, "the only expectation that can be met is 100-continue")
        }
        return true
    }

    private var keepsAlive: Bool {
        guard headers.first(lowercased: "connection") != nil else { return minorVersion > 0 }
        let options = headers.tokens("connection")
        return !options.contains("close") && (minorVersion > 0 || options.contains("keep-alive"))
    }

    private static func method(_ name: UnsafeRawBufferPointer) -> HTTPMethod? {
        HTTPMethod(rawValue: String(decoding: name, as: UTF8.self))
    }

    private static func minorVersion(
        _ text: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> Int {
        guard text.count == 8, text.prefix(5).elementsEqual("HTTP/".utf8),
            ByteClass.isDigit(text[5]), text[6] == 0x2E, ByteClass.isDigit(text[7])
        else { throw .syntax("the request line does not end in an HTTP version") }
        guard text[5] == 0x31 else {
            throw HTTPParseError(505, "only HTTP/1.1 and HTTP/1.0 are supported")
        }
        return Int(text[7] - 0x30)
    }
}
