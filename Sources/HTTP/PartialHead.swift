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
        let raw = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
        try RequestTarget.requireCharacters(raw)
        guard let method = PartialHead.method(name) else {
            throw HTTPParseError(501, "the method is not implemented")
        }
        self.method = method
        parsedTarget = try RequestTarget(raw, method: method)
        target = String(decoding: raw, as: UTF8.self)
    }

    /// Checks what must hold for all header lines together.
    func finished() throws(HTTPParseError) -> RequestHead {
        try requireSingle()
        let host = headers.first(lowercased: "host")
        guard host != nil || minorVersion == 0 else { throw .syntax("there is no host field") }
        guard host.map(HostField.isValid) ?? true else { throw .syntax("the host is invalid") }
        var headers = headers
        // The host field beside an absolute target is to be ignored (RFC 9112 §3.2.2).
        if let authority = parsedTarget.authority { headers["host"] = authority }
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

    /// Fields whose repetition two readers would take differently: one the first, one the last.
    private static let singleFields = [
        "host", "content-type", "authorization", "origin", "idempotency-key", "last-event-id",
    ]

    private func requireSingle() throws(HTTPParseError) {
        var seen = 0
        for field in headers.fields {
            for (index, name) in PartialHead.singleFields.enumerated() where field.name == name {
                guard seen & 1 << index == 0 else {
                    throw .syntax("the field \(name) is given more than once")
                }
                seen |= 1 << index
            }
        }
    }

    private func expectsContinue() throws(HTTPParseError) -> Bool {
        guard minorVersion > 0, headers.first(lowercased: "expect") != nil else { return false }
        let expectations = headers.tokens("expect")
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            throw HTTPParseError(417, "the only expectation that can be met is 100-continue")
        }
        return !expectations.isEmpty
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
