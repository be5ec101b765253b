import Domain
import Foundation
import HTTP

/// A whole reply and ways to read it.
struct Reply: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPHeaders
    let bytes: [UInt8]

    init(_ response: ClientResponse) {
        status = response.status.rawValue
        headers = response.headers
        bytes = response.body
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var description: String { "\(status) \(text.prefix(2000))" }

    /// The body as JSON; null when it is none.
    var json: Value { (try? JSONDecoder().decode(Value.self, from: Data(bytes))) ?? .null }

    subscript(name: String) -> Value? { json[name] }

    /// The elements of a list.
    var data: [Value] { json["data"]?.arrayValue ?? [] }

    var errorCode: String? { json["error"]?["code"]?.stringValue }
    var message: String { json["error"]?["message"]?.stringValue ?? "" }

    /// The JSON paths of the faults.
    var faultPaths: [String] {
        (json["error"]?["faults"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
    }
}

extension Value {
    var text: String? { stringValue }

    /// A list of numbers; what is none is left out.
    var numbers: [Double] { (arrayValue ?? []).compactMap(\.doubleValue) }

    var json: [UInt8] {
        get throws { Array(try JSONEncoder().encode(self)) }
    }

    /// An object with some fields replaced.
    func with(_ changes: [String: Value]) -> Value {
        .object((objectValue ?? [:]).merging(changes) { $1 })
    }
}
