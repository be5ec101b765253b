import Domain
import Foundation
import ModelFiles

/// A folder of its own for one test, deleted with it.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "modelfiles-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ bytes: some Collection<UInt8>, as name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// A copy of the fixture folder `tiny`.
    func tiny() throws -> String {
        try FileManager.default.copyItem(atPath: fixture("tiny"), toPath: file("tiny"))
        return file("tiny")
    }

    /// The fixture `tiny` with fields of its `config.json` replaced; `nil` removes one.
    func tiny(configuring changes: [String: Value?]) throws -> String {
        let folder = try tiny()
        let path = folder + "/config.json"
        let value = try JSONDecoder().decode(Value.self, from: bytes(of: path))
        var fields = value.objectValue ?? [:]
        for (name, change) in changes { fields[name] = change }
        try JSONEncoder().encode(Value.object(fields)).write(to: URL(fileURLWithPath: path))
        return folder
    }
}

func fixture(_ name: String) -> String {
    (Bundle.module.resourcePath ?? "") + "/Fixtures/" + name
}

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

/// The error of `body`, which must be a `HoneError`.
func failure(_ body: () throws -> Void) -> HoneError? {
    do {
        try body()
        return nil
    } catch {
        return error as? HoneError
    }
}

extension RawTensor {
    var floats: [Float] {
        get throws {
            try withBytes { bytes in
                (0..<bytes.count / 4).map {
                    bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
                }
            }
        }
    }
}

func outgoing(_ name: String, _ shape: [Int], _ numbers: [Float]) -> OutgoingTensor {
    OutgoingTensor(name: name, shape: shape, type: .f32) { sink in
        try numbers.withUnsafeBytes { try sink($0) }
    }
}
