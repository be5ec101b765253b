/// How the end of a body is found (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Hashable {
    /// There is no body.
    case none
    /// The body has this many bytes.
    case length(Int)
    /// The body comes in chunks.
    case chunked
    /// The body ends with the connection; replies only.
    case untilClose
}

extension BodyFraming {
    /// The framing of a request (RFC 9112 §6.1–6.3).
    ///
    /// Everything that smuggling needs is refused.
    static func ofRequest(
        _ headers: HTTPHeaders,
        minorVersion: Int
    ) throws(HTTPParseError) -> BodyFraming {
        var encodings = 0
        var lengths = 0
        for field in headers.fields {
            if field.name == "transfer-encoding" { encodings += 1 }
            if field.name == "content-length" { lengths += 1 }
        }
        guard encodings > 0 else {
            guard lengths > 0 else { return .none }
            guard lengths == 1 else { throw .syntax("content-length is given more than once") }
            return try length(headers)
        }
        guard lengths == 0 else {
            throw .syntax("content-length and transfer-encoding are given together")
        }
        guard minorVersion > 0 else {
            throw .syntax("transfer-encoding is not part of HTTP/1.0")
        }
        try requireChunked(headers)
        return .chunked
    }

    /// The framing of a reply to a method with a status (RFC 9112 §6.3).
    static func ofResponse(
        _ headers: HTTPHeaders,
        status: HTTPStatus,
        method: HTTPMethod
    ) throws(HTTPParseError) -> BodyFraming {
        if method == .head || status.isBodiless { return .none }
        if headers["transfer-encoding"] != nil {
            try requireChunked(headers)
            return .chunked
        }
        let lengths = headers.values("content-length")
        guard Set(lengths).count <= 1 else { throw .syntax("the reply has two content-lengths") }
        return lengths.isEmpty ? .untilClose : try length(headers)
    }

    private static func length(_ headers: HTTPHeaders) throws(HTTPParseError) -> BodyFraming {
        let text = headers.first(lowercased: "content-length") ?? ""
        guard !text.isEmpty, text.utf8.allSatisfy(ByteClass.isDigit) else {
            throw .syntax("content-length is not a number of digits only")
        }
        guard let value = Int(text) else { throw .syntax("content-length is beyond any body") }
        return .length(value)
    }

    private static func requireChunked(_ headers: HTTPHeaders) throws(HTTPParseError) {
        let lines = headers.values("transfer-encoding").joined(separator: ",")
        let codings = lines.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingBlanks().lowercased() }
        guard codings.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(ByteClass.isToken) }) else {
            throw .syntax("transfer-encoding is not a list of codings")
        }
        guard codings != ["chunked"] else { return }
        guard !codings.dropLast().contains("chunked") else {
            throw .syntax("chunked is not the last transfer-coding, once")
        }
        throw HTTPParseError(501, "only the chunked transfer-coding is supported")
    }
}
