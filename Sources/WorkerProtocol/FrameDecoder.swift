public import Domain
public import Foundation

/// Makes frames of bytes that come in pieces of any size.
///
/// **Invariant**: after an error every further call throws the same error, because the place where
/// the next frame begins is lost.
public struct FrameDecoder: Sendable {
    /// What the next bytes belong to.
    private enum Part: Sendable {
        case prefix
        case head(bytes: Int, payloadBytes: Int)
        case payload(head: Data, bytes: Int)
        case failed(HoneError)
    }

    private var part = Part.prefix
    /// The bytes of the current part so far; grows as they come, not as they are announced.
    private var collected = Data()

    /// Makes a decoder that expects the beginning of a frame.
    public init() {}

    /// Whether a frame has begun and not ended, so that the end of the stream would cut it.
    public var isWithinFrame: Bool {
        if case .prefix = part { return !collected.isEmpty }
        return true
    }

    /// Takes in some bytes.
    /// - Returns: The frames that they complete, in order.
    /// - Throws: `.invalidRequest` when a frame announces more than its limits.
    public mutating func decode(_ bytes: Data) throws(HoneError) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        repeat {
            let missing = try wantedBytes() - collected.count
            let taken = rest.prefix(missing)
            collected.append(taken)
            rest = rest.dropFirst(taken.count)
            guard taken.count == missing else { break }
            if let frame = try advance() { frames.append(frame) }
        } while !rest.isEmpty || isAtEmptyPart
        return frames
    }

    /// Whether the current part needs no bytes, so that it ends without any.
    private var isAtEmptyPart: Bool {
        switch part {
        case .head(let bytes, _), .payload(_, let bytes): bytes == 0
        case .prefix, .failed: false
        }
    }

    /// How many bytes the current part has.
    private func wantedBytes() throws(HoneError) -> Int {
        switch part {
        case .prefix: return Frame.prefixBytes
        case .head(let bytes, _), .payload(_, let bytes): return bytes
        case .failed(let error): throw error
        }
    }

    /// Ends the current part, which is complete.
    private mutating func advance() throws(HoneError) -> Frame? {
        let bytes = collected
        collected = Data()
        switch part {
        case .prefix:
            try beginHead(prefix: bytes)
        case .head(_, let payloadBytes):
            part = .payload(head: bytes, bytes: payloadBytes)
        case .payload(let head, _):
            part = .prefix
            return try Frame(head: head, payload: bytes)
        case .failed(let error):
            throw error
        }
        return nil
    }

    private mutating func beginHead(prefix: Data) throws(HoneError) {
        let headBytes = Self.littleEndian(prefix.prefix(4))
        let payloadBytes = Self.littleEndian(prefix.dropFirst(4))
        do throws(HoneError) {
            try Frame.check(headBytes: headBytes, payloadBytes: payloadBytes)
        } catch {
            part = .failed(error)
            throw error
        }
        part = .head(bytes: Int(headBytes), payloadBytes: Int(payloadBytes))
    }

    /// At most 8 bytes as a number, the least significant first.
    private static func littleEndian(_ bytes: Data) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
