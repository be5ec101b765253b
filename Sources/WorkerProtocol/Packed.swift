import Foundation

/// An array that travels as raw little-endian bytes behind the JSON head of its frame.
///
/// In the head it is `{"offset", "count"}` into the frame's payload; floats keep their exact bits.
public struct Packed<Element: PackedElement>: Sendable, Hashable, Codable {
    /// The elements in order.
    public var elements: [Element]

    /// Packs an array; its bytes are copied when the frame is encoded.
    public init(_ elements: [Element]) { self.elements = elements }

    private enum CodingKeys: String, CodingKey { case offset, count }

    /// Reads the elements out of the frame's payload; a place outside of it is a decoding error.
    public init(from decoder: any Decoder) throws {
        guard let payload = decoder.userInfo[.payload] as? Payload else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no payload")
            )
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let offset = try container.decode(Int.self, forKey: .offset)
        let count = try container.decode(Int.self, forKey: .count)
        guard let elements: [Element] = payload.read(offset: offset, count: count) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "array outside the payload")
            )
        }
        self.elements = elements
    }

    /// Appends the elements to the frame's payload and writes where they lie.
    public func encode(to encoder: any Encoder) throws {
        guard let payload = encoder.userInfo[.payload] as? Payload else {
            throw EncodingError.invalidValue(
                self,
                .init(codingPath: encoder.codingPath, debugDescription: "no payload")
            )
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(payload.append(elements), forKey: .offset)
        try container.encode(elements.count, forKey: .count)
    }
}

/// A fixed-width element whose bytes are the same on both ends of a local socket.
public protocol PackedElement: Sendable, Hashable, BitwiseCopyable {}
extension Float: PackedElement {}
extension Int32: PackedElement {}

extension CodingUserInfoKey {
    /// Where the coders find the frame's `Payload`.
    static let payload = CodingUserInfoKey(rawValue: "hone.payload").unsafelyUnwrapped
}

/// The raw bytes behind a frame's head, filled while encoding and read while decoding.
///
/// `@unchecked Sendable`: one coder on one thread owns it for the length of one call.
final class Payload: @unchecked Sendable {
    private(set) var data: Data

    init(_ data: Data = Data()) { self.data = data }

    /// Appends the elements' bytes and returns where they begin.
    func append(_ elements: [some PackedElement]) -> Int {
        let offset = data.count
        elements.withUnsafeBytes { data.append(contentsOf: $0) }
        return offset
    }

    /// The elements at `offset`, or `nil` when they would reach outside.
    func read<Element: PackedElement>(offset: Int, count: Int) -> [Element]? {
        let width = MemoryLayout<Element>.stride
        guard offset >= 0, count >= 0, offset <= data.count,
            count <= (data.count - offset) / width
        else { return nil }
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialised in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            let start = data.startIndex + offset
            data.copyBytes(to: raw, from: start..<start + count * width)
            initialised = count
        }
    }
}
