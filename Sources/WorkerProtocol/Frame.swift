public import Domain
public import Foundation

/// One message on the wire: a JSON head and the raw arrays it refers to.
///
/// Layout: head length (`UInt32`), payload length (`UInt64`), both little-endian, then the head's
/// bytes, then the payload's.
public struct Frame: Sendable, Hashable {
    /// The most bytes that a head may have: 64 MiB.
    public static let maximumHeadBytes = 64 << 20
    /// The most bytes that a payload may have: 1 GiB.
    public static let maximumPayloadBytes = 1 << 30
    /// Bytes before the head.
    public static let prefixBytes = 12

    /// The message as JSON.
    public let head: Data
    /// The elements of the message's `Packed` arrays, end to end.
    public let payload: Data

    /// Joins a head and a payload.
    /// - Throws: `.invalidRequest` when either is over its limit.
    public init(head: Data, payload: Data) throws(HoneError) {
        try Self.check(headBytes: UInt64(head.count), payloadBytes: UInt64(payload.count))
        self.head = head
        self.payload = payload
    }

    /// Refuses lengths over the limits, before anything of that size is allocated.
    static func check(headBytes: UInt64, payloadBytes: UInt64) throws(HoneError) {
        guard headBytes <= maximumHeadBytes else {
            throw Self.oversize("head", headBytes, limit: maximumHeadBytes)
        }
        guard payloadBytes <= maximumPayloadBytes else {
            throw Self.oversize("payload", payloadBytes, limit: maximumPayloadBytes)
        }
    }

    private static func oversize(_ part: String, _ count: UInt64, limit: Int) -> HoneError {
        HoneError(
            .invalidRequest,
            "A worker message's \(part) has \(count) bytes, more than the \(limit) allowed: "
                + "send fewer or shorter sequences at a time.",
            param: part
        )
    }

    /// The lengths that go before the head.
    var prefix: Data {
        var prefix = Data(capacity: Self.prefixBytes)
        withUnsafeBytes(of: UInt32(head.count).littleEndian) { prefix.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt64(payload.count).littleEndian) { prefix.append(contentsOf: $0) }
        return prefix
    }

    /// The whole frame as it goes over the wire.
    public var bytes: Data { prefix + head + payload }
}
