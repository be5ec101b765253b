import Foundation
import TestSupport
import Testing

@testable import HTTP

/// One line of `Tests/Fixtures/http/requests.jsonl`: bytes as a peer may send them, and what they get.
///
/// `scripts/faults/raw_requests.py` plays the same lines against a daemon over sockets.
struct RawRequest: Decodable, Sendable, CustomTestStringConvertible {
    /// A text, or one that is sent several times; a character is a byte.
    enum Part: Decodable, Sendable {
        case text(String, times: Int)

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text, times: 1)
                return
            }
            var pair = try decoder.unkeyedContainer()
            self = .text(try pair.decode(String.self), times: try pair.decode(Int.self))
        }

        var bytes: [UInt8] {
            guard case .text(let text, let times) = self else { return [] }
            let once = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            return Array(repeatElement(once, count: times).joined())
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, rfc, send, replies, closes, end, whole, has, lacks, ends
    }

    let name: String
    let rfc: String
    let bytes: [UInt8]
    let replies: [Int]
    let closes: Bool
    /// Whether the peer closes its side after the bytes.
    let ends: Bool
    /// Whether the answer depends on how the bytes are cut.
    let isWhole: Bool
    let has: [String]
    let lacks: [String]
    let ending: String

    var testDescription: String { "\(name) (\(rfc))" }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        rfc = try fields.decode(String.self, forKey: .rfc)
        let text = try? fields.decode(Part.self, forKey: .send)
        bytes = try (text.map { [$0] } ?? fields.decode([Part].self, forKey: .send))
            .flatMap(\.bytes)
        replies = try fields.decode([Int].self, forKey: .replies)
        closes = try fields.decode(Bool.self, forKey: .closes)
        ends = try fields.decodeIfPresent(Bool.self, forKey: .end) ?? false
        isWhole = try fields.decodeIfPresent(Bool.self, forKey: .whole) ?? false
        has = try fields.decodeIfPresent([String].self, forKey: .has) ?? []
        lacks = try fields.decodeIfPresent([String].self, forKey: .lacks) ?? []
        ending = try fields.decodeIfPresent(String.self, forKey: .ends) ?? ""
    }

    static let table: [RawRequest] = {
        do {
            return try Fixtures.data("http/requests.jsonl").split(separator: 0x0A)
                .map { try JSONDecoder().decode(RawRequest.self, from: $0) }
        } catch {
            Issue.record(error)
            return []
        }
    }()
}
