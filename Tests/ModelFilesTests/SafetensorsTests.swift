import Domain
import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `reads a file of the reference implementation`() throws {
        let listing = try SafetensorsFile.open(fixture("types.safetensors"))
        let shapes = Dictionary(uniqueKeysWithValues: listing.tensors.map { ($0.name, $0.shape) })
        #expect(shapes == ["a": [2, 3], "b": [5], "c": [3], "scalar": [], "empty": [0, 4]])
        #expect(listing["b"]?.type == .f16)
        #expect(listing["c"]?.type == .bf16)
        #expect(try listing["a"]?.floats == [0, 1, 2, 3, 4, 5])
        #expect(try listing["scalar"]?.floats == [2.5])
        #expect(try listing["c"]?.withBytes { Array($0) } == [0x80, 0x3F, 0x00, 0x40, 0x00, 0xC0])
        #expect(listing.unreadable.map(\.typeName) == ["I64"])
        #expect(
            try SafetensorsFile.metadata(of: fixture("types.safetensors")) == ["note": "fixture"]
        )
    }

    @Test func `writes what it reads, in order and aligned`() throws {
        let path = scratch.file("x.safetensors")
        let tensors = [outgoing("z", [2, 1], [1, 2]), outgoing("a\"é\n", [], [3])]
        try SafetensorsWriter.write(tensors, metadata: ["note": "n"], to: path)
        let listing = try SafetensorsFile.open(path)
        #expect(listing.tensors.map(\.name) == ["z", "a\"é\n"])
        #expect(try listing["z"]?.floats == [1, 2])
        #expect(listing["z"]?.range.lowerBound.isMultiple(of: 64) == true)
        #expect(try SafetensorsFile.metadata(of: path) == ["format": "pt", "note": "n"])
        #expect(try scratch.names == ["x.safetensors"])
    }

    @Test func `a full disk leaves the previous file and no rubbish`() throws {
        let path = try scratch.write([1, 2, 3], as: "x.safetensors")
        let full = WriteCalls(
            write: { _, _, count in
                if count > 64 { return 64 }
                errno = ENOSPC
                return -1
            },
            sync: { _ in 0 }
        )
        let error = failure {
            try SafetensorsWriter.write([outgoing("a", [1], [1])], to: path, calls: full)
        }
        #expect(error?.code == .diskFull)
        #expect(try bytes(of: path) == Data([1, 2, 3]))
        #expect(try scratch.names == ["x.safetensors"])
    }

    @Test func `refuses to write a tensor that gives too few bytes`() throws {
        let error = failure {
            try SafetensorsWriter.write([outgoing("a", [2], [1])], to: scratch.file("x"))
        }
        #expect(error?.message.contains("4 bytes instead of 8") == true)
        #expect(try scratch.names.isEmpty)
    }

    @Test func `refuses to write a name twice or a quantised type`() throws {
        let twice = [outgoing("a", [1], [1]), outgoing("a", [1], [1])]
        #expect(failure { try SafetensorsWriter.write(twice, to: scratch.file("x")) }?.param == "a")
        let quantised = OutgoingTensor(name: "q", shape: [32], type: .q8_0) { _ in }
        #expect(failure { try SafetensorsWriter.write([quantised], to: scratch.file("x")) } != nil)
    }

    @Test(arguments: [
        ("hole", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "hole"),
        (
            "overlap",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "overlaps"
        ),
        ("outside", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, "outside"),
        ("trailing", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "end at offset"),
        ("size", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "does not fill"),
        (
            "overflow",
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
            "does not fill"
        ),
        ("dtype", #"{"a":{"dtype":"F13","shape":[1],"data_offsets":[0,8]}}"#, "\"F13\""),
        ("negative", #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#, "shape"),
        ("no json", "{", "JSON"),
    ])
    func `refuses a damaged header`(name: String, header: String, problem: String) throws {
        var file = withUnsafeBytes(of: UInt64(header.utf8.count)) { Array($0) }
        file += Array(header.utf8) + [UInt8](repeating: 0, count: 8)
        let path = try scratch.write(file, as: name)
        let error = failure { _ = try SafetensorsFile.open(path) }
        #expect(error?.code == .invalidModelFile)
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "accepted")")
    }

    @Test func `reads a sharded folder and names a tensor its shard lacks`() throws {
        try SafetensorsWriter.write([outgoing("a", [1], [1])], to: scratch.file("1.safetensors"))
        try SafetensorsWriter.write([outgoing("b", [1], [2])], to: scratch.file("2.safetensors"))
        let index = "model.safetensors.index.json"
        let map = #"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#
        try scratch.write(map.utf8, as: index)
        #expect(try SafetensorsFile.openFolder(scratch.path)["b"]?.floats == [2])
        try scratch.write(#"{"weight_map":{"c":"1.safetensors"}}"#.utf8, as: index)
        let missing = failure { _ = try SafetensorsFile.openFolder(scratch.path) }
        #expect(missing?.message.contains("\"c\"") == true)
        try scratch.write(#"{"weight_map":{"c":"../1.safetensors"}}"#.utf8, as: index)
        let escape = failure { _ = try SafetensorsFile.openFolder(scratch.path) }
        #expect(escape?.message.contains("plain file name") == true)
    }

    @Test func `a file that shrinks or is missing is an error`() throws {
        let path = scratch.file("x.safetensors")
        try SafetensorsWriter.write([outgoing("a", [1], [1])], to: path)
        let tensor = try #require(try SafetensorsFile.open(path)["a"])
        #expect(truncate(path, 8) == 0)
        #expect(failure { _ = try tensor.floats }?.code == .invalidModelFile)
        #expect(failure { _ = try MappedFile(path: path + "-no") }?.code == .invalidModelFile)
        #expect(failure { _ = try MappedFile(path: scratch.path) }?.code == .invalidModelFile)
    }
}
