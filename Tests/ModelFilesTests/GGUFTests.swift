import Domain
import Foundation
import ModelFiles
import Testing

@Suite struct GGUFTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `reads every metadata type that the Python package writes`() throws {
        let file = try GGUFFile.open(fixture("types.gguf"))
        #expect(file["u8"] == .uint8(255))
        #expect(file["i8"] == .int8(-128))
        #expect(file["u16"] == .uint16(65535))
        #expect(file["i16"] == .int16(-32768))
        #expect(file["u32"] == .uint32(.max))
        #expect(file["i32"] == .int32(.min))
        #expect(file["f32"] == .float32(0.1))
        #expect(file["f32"]?.doubleValue == 0.1)
        #expect(file["bool"] == .bool(true))
        #expect(file["string"] == .string("hé世"))
        #expect(file["u64"] == .uint64(.max))
        #expect(file["i64"] == .int64(.min))
        #expect(file["f64"] == .float64(0.1))
        let nested: [[GGUFValue]] = [[.int32(1), .int32(2)], [.int32(3)]]
        #expect(file["nested"] == .array(.array, nested.map { .array(.int32, $0) }))
        #expect(file["flags"] == .array(.bool, [.bool(true), .bool(false)]))
    }

    @Test func `reads every readable encoding with its shape outermost first`() throws {
        let tensors = try GGUFFile.open(fixture("types.gguf")).listing.tensors
        #expect(tensors.map(\.type.rawValue) == ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"])
        #expect(tensors.allSatisfy { $0.shape == [2, 64] && $0.elementCount == 128 })
        #expect(tensors.map(\.range.count) == [512, 256, 256, 4 * 34, 4 * 18, 4 * 20])
        #expect(try tensors[0].floats == (0..<128).map { Float($0) - 64 })
    }

    @Test func `names an encoding it cannot read`() throws {
        let listing = try GGUFFile.open(fixture("q4k.gguf")).listing
        #expect(listing.tensors.isEmpty)
        #expect(listing.unreadable.map(\.typeName) == ["Q4_K"])
        #expect(listing.unreadable.map(\.shape) == [[2, 256]])
    }

    @Test func `writes what it reads`() throws {
        let original = try GGUFFile.open(fixture("types.gguf"))
        let path = scratch.file("copy.gguf")
        let tensors = original.listing.tensors.map { OutgoingTensor(copying: $0) }
        try GGUFWriter.write(fields: original.fields, tensors: tensors, to: path)
        let copy = try GGUFFile.open(path)
        #expect(copy.version == 3)
        #expect(copy.fields == original.fields)
        for (old, new) in zip(original.listing.tensors, copy.listing.tensors) {
            #expect(old.name == new.name && old.shape == new.shape && old.type == new.type)
            #expect(new.range.lowerBound.isMultiple(of: 32))
            #expect(try old.withBytes { Data($0) } == new.withBytes { Data($0) })
        }
        #expect(copy.listing.tensors.count == 6)
    }

    @Test(arguments: [
        ("magic", 0, [0x00], "magic", 0),
        ("old", 4, [1, 0, 0, 0], "version 1", 4),
        ("new", 4, [9, 0, 0, 0], "version 9", 4),
        ("big-endian", 4, [0, 0, 0, 3], "big-endian", 4),
        ("tensors", 8, [UInt8](repeating: 255, count: 8), "absurd tensor count", 8),
        ("fields", 16, [UInt8](repeating: 255, count: 8), "absurd metadata count", 16),
        ("key", 24, [UInt8](repeating: 255, count: 8), "absurd length of metadata key", 24),
    ])
    func `refuses a damaged header with file and offset`(
        name: String,
        offset: Int,
        patch: [UInt8],
        problem: String,
        place: Int
    ) throws {
        var content = try bytes(of: fixture("types.gguf"))
        content.replaceSubrange(offset..<offset + patch.count, with: patch)
        let path = try scratch.write(content, as: name)
        let error = failure { _ = try GGUFFile.open(path) }
        #expect(error?.code == .invalidModelFile)
        let message = error?.message ?? "accepted"
        #expect(message.contains(path) && message.contains(problem), "\(message)")
        #expect(message.hasSuffix("offset \(place)"), "\(message)")
    }

    @Test(arguments: [20, 60, 100, 200])
    func `says of a file cut short that it is`(size: Int) throws {
        let content = try bytes(of: fixture("tiny.gguf"))
        let path = try scratch.write(Array(content.prefix(size)), as: "short.gguf")
        let message = failure { _ = try GGUFFile.open(path) }?.message ?? "accepted"
        #expect(message.contains(path) && message.contains("cut short"), "\(message)")
        #expect(!message.contains("absurd"), "\(message)")
    }

    @Test func `refuses to write a key twice and a scalar`() throws {
        let field = GGUFField("k", .bool(true))
        let path = scratch.file("x")
        #expect(
            failure { try GGUFWriter.write(fields: [field, field], tensors: [], to: path) }?.param
                == "k"
        )
        let scalar = outgoing("s", [], [1])
        #expect(
            failure { try GGUFWriter.write(fields: [], tensors: [scalar], to: path) }?.param == "s"
        )
    }
}
