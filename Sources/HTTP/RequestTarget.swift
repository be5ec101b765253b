/// The path and query of a request target, decoded (RFC 9112 §3.2, RFC 3986).
struct RequestTarget: Sendable, Hashable {
    /// Decoded parts between the slashes: `/a/b%2Fc` is `["a", "b/c"]`, `/` is `[]`, `/a/` is `["a", ""]`.
    var segments: [String] = []
    var query = HTTPQuery()
    /// The form `*`, for OPTIONS only.
    var isAsterisk = false
    /// Host and port of the absolute form; nil for the others.
    var authority: String?

    /// Reads a target of which `requireCharacters` has thought well.
    init(_ raw: UnsafeRawBufferPointer, method: HTTPMethod) throws(HTTPParseError) {
        var raw = raw
        if raw.count == 1, raw[0] == 0x2A, method == .options {
            isAsterisk = true
            return
        }
        if raw.first != 0x2F { raw = try takeAuthority(raw) }
        let mark = raw.firstIndex(of: 0x3F) ?? raw.count
        segments = try RequestTarget.segments(UnsafeRawBufferPointer(rebasing: raw[..<mark]))
        if mark < raw.count {
            query = try HTTPQuery(UnsafeRawBufferPointer(rebasing: raw[(mark + 1)...]))
        }
    }

    /// Refuses what no target may have, blanks included, whatever the method.
    static func requireCharacters(_ raw: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard raw.allSatisfy(ByteClass.isTarget) else {
            throw .syntax("the request target has a character that must be percent-encoded")
        }
    }

    /// Takes the host of an absolute form, which servers must accept (RFC 9112 §3.2.2), and gives
    /// what follows it.
    private mutating func takeAuthority(
        _ raw: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> UnsafeRawBufferPointer {
        let scheme = Array("http://".utf8)
        guard raw.count > scheme.count,
            zip(raw, scheme).allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 })
        else { throw .syntax("the request target does not start with a slash") }
        let rest = UnsafeRawBufferPointer(rebasing: raw[scheme.count...])
        let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.count
        let host = UnsafeRawBufferPointer(rebasing: rest[..<end])
        guard HostField.isValid(host) else { throw .syntax("the target's host is invalid") }
        authority = String(decoding: host, as: UTF8.self)
        return UnsafeRawBufferPointer(rebasing: rest[end...])
    }

    private static func segments(
        _ path: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> [String] {
        guard path.count > 1 else { return [] }
        var segments: [String] = []
        var from = 1
        for index in 1...path.count where index == path.count || path[index] == 0x2F {
            let part = UnsafeRawBufferPointer(rebasing: path[from..<index])
            let segment = try PercentCoding.decode(part, plusIsSpace: false)
            guard segment.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw .syntax("the path has an escaped control character")
            }
            segments.append(segment)
            from = index + 1
        }
        return segments
    }
}
