import Domain
import Foundation
import ModelFiles
import Testing

/// Whatever is in a file, reading it gives a result or a `HoneError`; a trap would end the test run.
@Suite struct FuzzTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// SplitMix64, so that a failure can be repeated.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: ["types.safetensors", "types.gguf", "tiny.gguf"])
    func `every truncation is an error`(name: String) throws {
        let content = try bytes(of: fixture(name))
        // The last tensor's padding is not needed, so the last few bytes may be missing in GGUF.
        let end = name.hasSuffix("gguf") ? content.count - 32 : content.count
        let path = try scratch.write(content.prefix(end), as: name)
        for count in (0..<end).reversed() {
            #expect(truncate(path, count) == 0)
            let error = failure { _ = try open(path) }
            #expect(error != nil, "\(count) of \(content.count) bytes were accepted")
        }
    }

    @Test(arguments: ["types.safetensors", "types.gguf", "tiny.gguf"])
    func `random damage gives a result or an error`(name: String) throws {
        let content = try bytes(of: fixture(name))
        var generator = Generator(state: 42)
        let path = try scratch.write(content, as: name)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        var refused = 0
        let header = min(content.count, 2000)
        for round in 0..<2000 {
            var damaged = content
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<header, using: &generator)
                damaged[place] = [0, 0xFF, UInt8.random(in: 0...255, using: &generator)][round % 3]
            }
            // In place: truncating and rewriting a file is slow on some file systems.
            try file.seek(toOffset: 0)
            try file.write(contentsOf: damaged)
            if try !isAccepted(path) { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func `random damage to a configuration gives a result or an error`() throws {
        let folder = try scratch.tiny()
        let content = try bytes(of: folder + "/config.json")
        let file = try #require(FileHandle(forUpdatingAtPath: folder + "/config.json"))
        var generator = Generator(state: 43)
        for _ in 0..<1000 {
            var damaged = content
            let place = Int.random(in: 0..<content.count, using: &generator)
            damaged[place] =
                [UInt8](#"0123456789-."{}[]ex"#.utf8).randomElement(using: &generator) ?? 0
            try file.seek(toOffset: 0)
            try file.write(contentsOf: damaged)
            do { _ = try ModelSource.open(folder) } catch { #expect(error is HoneError) }
        }
    }

    private func isAccepted(_ path: String) throws -> Bool {
        do {
            try read(open(path))
        } catch {
            #expect(error is HoneError)
            return false
        }
        // A damaged configuration must not trap either, whatever it says.
        do { _ = try ModelSource.open(path) } catch { #expect(error is HoneError) }
        return true
    }

    private func open(_ path: String) throws -> TensorListing {
        path.hasSuffix("gguf") ? try GGUFFile.open(path).listing : try SafetensorsFile.open(path)
    }

    /// Touches the first and last byte of each tensor.
    private func read(_ listing: TensorListing) throws {
        for tensor in listing.tensors {
            let ends = try tensor.withBytes { [$0.first, $0.last] }
            #expect(ends.contains(nil) == tensor.range.isEmpty)
        }
    }
}
