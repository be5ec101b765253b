import Domain
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ModelFiles

/// Files as strangers make them: each is refused in one line that names it.
///
/// `scripts/faults/hostile_files.py` plays more of them, with their time and memory, against the programs.
@Suite struct HostileFilesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    // MARK: GGUF

    private static func number(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func text(_ text: String) -> [UInt8] {
        number(UInt64(text.utf8.count)) + Array(text.utf8)
    }

    private static func gguf(fields: [[UInt8]] = [], tensors: [[UInt8]] = []) -> [UInt8] {
        var file = Array("GGUF".utf8) + number(UInt32(3))
        file += number(UInt64(tensors.count)) + number(UInt64(fields.count))
        for part in fields + tensors { file += part }
        return file + [UInt8](repeating: 0, count: 256)
    }

    private static func tensor(
        _ name: String = "a",
        _ dimensions: [UInt64] = [8],
        rank: UInt32? = nil,
        type: UInt32 = 0,
        offset: UInt64 = 0
    ) -> [UInt8] {
        let shape = dimensions.flatMap { number($0) }
        return text(name) + number(rank ?? UInt32(dimensions.count)) + shape + number(type)
            + number(offset)
    }

    /// A field whose value is an array of no elements that says it has `count`.
    private static func array(_ kind: UInt32, _ count: UInt64) -> [UInt8] {
        text("x") + number(UInt32(9)) + number(kind) + number(count)
    }

    private static let ggufFiles: [(String, [UInt8])] =
        [
            ("rank 0", gguf(tensors: [tensor(rank: 0)])),
            ("rank 5", gguf(tensors: [tensor("a", [1, 1, 1, 1, 1])])),
            ("rank 2^32-1", gguf(tensors: [tensor(rank: .max)])),
            ("empty dimension", gguf(tensors: [tensor("a", [8, 0])])),
            ("product beyond 2^64", gguf(tensors: [tensor("a", [1 << 40, 1 << 40])])),
            ("product that wraps to 0", gguf(tensors: [tensor("a", [1 << 32, 1 << 32])])),
            ("negative dimension", gguf(tensors: [tensor("a", [.max - 7])])),
            ("unknown type", gguf(tensors: [tensor(type: 99)])),
            ("removed type", gguf(tensors: [tensor(type: 4)])),
            ("blocks that do not divide", gguf(tensors: [tensor("a", [33], type: 8)])),
            ("offset beyond", gguf(tensors: [tensor(offset: 1 << 20)])),
            ("offset that overflows", gguf(tensors: [tensor(offset: .max - 31)])),
            ("misaligned offset", gguf(tensors: [tensor(offset: 4)])),
            ("overlap", gguf(tensors: [tensor("a", [16]), tensor("b", offset: 32)])),
            ("the same tensor twice", gguf(tensors: [tensor(), tensor(offset: 64)])),
            ("unknown kind", gguf(fields: [text("x") + number(UInt32(13)) + number(UInt64(0))])),
            ("bool of 2", gguf(fields: [text("x") + number(UInt32(7)) + [2]])),
            (
                "text of 2^63",
                gguf(fields: [text("x") + number(UInt32(8)) + number(UInt64(1) << 63)])
            ),
            ("array of unknown kind", gguf(fields: [array(13, 0)])),
            (
                "deep arrays",
                gguf(fields: [array(9, 1) + (0..<50).flatMap { _ in array(9, 1).dropFirst(13) }])
            ),
            ("a key twice", gguf(fields: [array(0, 0), array(0, 0)])),
            (
                "alignment 0",
                gguf(fields: [text("general.alignment") + number(UInt32(4)) + number(UInt32(0))])
            ),
            (
                "alignment 24",
                gguf(fields: [text("general.alignment") + number(UInt32(4)) + number(UInt32(24))])
            ),
            (
                "alignment 2^31",
                gguf(fields: [
                    text("general.alignment") + number(UInt32(4)) + number(UInt32(1) << 31)
                ])
            ),
            (
                "alignment -32",
                gguf(fields: [text("general.alignment") + number(UInt32(5)) + number(Int32(-32))])
            ),
            ("name with lines", gguf(tensors: [tensor("a\nb\u{1B}[31m", rank: 9)])),
        ]
        + (UInt32(0)...12).flatMap { kind in
            [UInt64(1) << 60, .max].map {
                ("array of \($0) of kind \(kind)", gguf(fields: [array(kind, $0)]))
            }
        }

    @Test func `a GGUF file that lies is refused in one line`() throws {
        for (name, content) in Self.ggufFiles {
            let path = try scratch.write(content, as: "x.gguf")
            check(failure { _ = try GGUFFile.open(path) }, path, name)
        }
        let right = try scratch.write(Self.gguf(tensors: [Self.tensor()]), as: "right.gguf")
        #expect(try GGUFFile.open(right).listing.tensors.map(\.shape) == [[8]])
    }

    @Test func `array elements are limited over the whole file`() throws {
        let half = GGUFCursor.elementLimit / 2 + 1
        let zeros = [UInt8](repeating: 0, count: half)
        let fields = ["x", "y"].map { name in
            Self.text(name) + Self.number(UInt32(9)) + Self.number(UInt32(0))
                + Self.number(UInt64(half)) + zeros
        }
        let path = try scratch.write(Self.gguf(fields: fields), as: "many.gguf")
        let error = failure { _ = try GGUFFile.open(path) }
        #expect(error?.message.contains("array elements with y") == true)
    }

    // MARK: safetensors

    private static let entry = #"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

    private static let headers: [(String, String)] = [
        ("no object", "[]"), ("a number", "7"), ("nothing", "   "), ("trailing text", "{} x"),
        ("NUL behind", "{\"a\":\(entry)}\0"), ("a comma at the end", "{\"a\":\(entry),}"),
        ("a byte order mark", "\u{FEFF}{\"a\":\(entry)}"), ("single quotes", "{'a':\(entry)}"),
        ("a name twice", "{\"a\":\(entry),\"a\":\(entry)}"),
        ("a name twice, once escaped", "{\"a\":\(entry),\"\\u0061\":\(entry)}"),
        ("a field twice", #"{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#),
        ("half a surrogate pair", "{\"\\ud800\":\(entry)}"),
        ("deep lists", "{\"a\":" + String(repeating: "[", count: 100_000)),
        ("deep objects", String(repeating: "{\"a\":", count: 100_000)),
        ("many values", "{\"a\":[" + String(repeating: "0,", count: JSONCheck.valueLimit) + "0]}"),
        ("metadata that is a number", "{\"__metadata__\":1,\"a\":\(entry)}"),
        ("metadata of numbers", "{\"__metadata__\":{\"x\":1},\"a\":\(entry)}"),
        ("negative offsets", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#),
        ("reversed offsets", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
        (
            "offsets beyond 2^63",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775816]}}"#
        ),
        ("three offsets", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#),
        ("offsets of texts", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":["0","8"]}}"#),
        ("a shape of fractions", #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#),
        ("two negative dimensions", #"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#),
        (
            "a long shape",
            #"{"a":{"dtype":"F32","shape":[2,1,1,1,1,1,1,1,1],"data_offsets":[0,8]}}"#
        ),
        (
            "bytes beyond 2^63",
            #"{"a":{"dtype":"F32","shape":[2305843009213693952,2],"data_offsets":[0,8]}}"#
        ),
        (
            "a name of a megabyte",
            "{\"" + String(repeating: "n", count: 1 << 20) + "\":{\"dtype\":\"F13\"}}"
        ),
        (
            "a name with lines",
            #"{"a\nb\r\u001b[31m":{"dtype":"F13","shape":[2],"data_offsets":[0,8]}}"#
        ),
    ]

    @Test func `a safetensors header that lies is refused in one line`() throws {
        for (name, header) in Self.headers {
            let content = Self.number(UInt64(header.utf8.count)) + Array(header.utf8)
            let path = try scratch.write(
                content + [UInt8](repeating: 0, count: 8),
                as: "x.safetensors"
            )
            check(failure { _ = try SafetensorsFile.open(path) }, path, name)
        }
    }

    private func check(_ error: HoneError?, _ path: String, _ name: String) {
        let message = error?.message ?? "accepted"
        #expect(error?.code == .invalidModelFile, "\(name): \(message)")
        #expect(message.contains(path), "\(name): \(message)")
        #expect(message.utf8.allSatisfy { $0 >= 0x20 } && message.utf8.count < 1200, "\(name)")
    }

    @Test func `checked JSON is what the decoder takes too`() throws {
        let text =
            #"{"a":[1,-0.5e+3,true,null,"\u00e9\ud83D\uDE00\n"],"b":{"c":{},"d":[[]]},"é":1e30}"#
        let words = [
            "\"", "\\", "\\ud800", ",", ":", "1e", "-", "0", "01", "nul", "\u{FEFF}", "\"a\":0,",
        ]
        var refused = 0
        for bytes in Mutations(of: text.utf8, count: 4000, seed: 7, words: words) {
            let data = Data(bytes)
            if JSONCheck.problem(in: data) != nil {
                refused += 1
            } else {
                let value = try? JSONSerialization.jsonObject(
                    with: data,
                    options: .fragmentsAllowed
                )
                let isText = String(decoding: bytes, as: UTF8.self).contains("\\")
                // Halves of surrogate pairs in values are the decoder's to refuse.
                #expect(value != nil || isText, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect((1000..<4000).contains(refused))
    }

    // MARK: Odd files

    @Test func `what is no regular file is refused without waiting`() throws {
        for name in [
            "config.json", "tokenizer.json", "generation_config.json", "model.safetensors",
        ] {
            let folder = try scratch.tiny()
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
            #expect(mkfifo(folder + "/" + name, 0o600) == 0)
            let error = failure { _ = try ModelSource.open(folder) }
            #expect(error?.message.contains("\(name): is not a regular file") == true, "\(name)")
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func `a file that is nearly all hole is refused`() throws {
        let path = try scratch.write(Self.gguf(tensors: [Self.tensor()]), as: "hollow.gguf")
        #expect(truncate(path, 1 << 34) == 0)
        #expect(failure { _ = try GGUFFile.open(path) }?.message.contains("sparse") == true)
    }
}
