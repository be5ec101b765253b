import Domain
import Foundation
import ModelFiles
import Testing

@Suite struct AtomicFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private struct Interruption: Error {}

    @Test func `replaces a file only when all is written`() throws {
        let path = try scratch.write([1], as: "f")
        #expect(throws: Interruption.self) {
            try AtomicFile.write(to: path) { file in
                try file.write([2, 3])
                throw Interruption()
            }
        }
        #expect(try bytes(of: path) == Data([1]))
        try AtomicFile.write([4, 5], to: path)
        #expect(try bytes(of: path) == Data([4, 5]))
        #expect(try scratch.names == ["f"])
    }

    @Test func `a failed flush leaves the previous file`() throws {
        let path = try scratch.write([1], as: "f")
        let calls = WriteCalls(
            write: WriteCalls.system.write,
            sync: { _ in
                errno = ENOSPC
                return -1
            }
        )
        #expect(
            failure { try AtomicFile.write(to: path, calls: calls) { _ in } }?.code == .diskFull
        )
        #expect(try bytes(of: path) == Data([1]))
        #expect(try scratch.names == ["f"])
    }

    @Test func `writes on after short writes and interruptions`() throws {
        let calls = WriteCalls(
            write: { descriptor, bytes, count in
                if Int.random(in: 0..<3) == 0 {
                    errno = EINTR
                    return -1
                }
                return WriteCalls.system.write(descriptor, bytes, min(count, 7))
            },
            sync: WriteCalls.system.sync
        )
        let content = (0..<100).map { UInt8($0) }
        try AtomicFile.write(to: scratch.file("f"), calls: calls) { try $0.write(content) }
        #expect(try bytes(of: scratch.file("f")) == Data(content))
    }

    @Test func `a folder is replaced whole and a failed one leaves nothing`() throws {
        let folder = scratch.file("d")
        try AtomicDirectory.publish(at: folder + "/") { try AtomicFile.write([1], to: $0 + "/a") }
        #expect(throws: Interruption.self) {
            try AtomicDirectory.publish(at: folder, replacing: true) { _ in throw Interruption() }
        }
        #expect(try bytes(of: folder + "/a") == Data([1]))
        try AtomicDirectory.publish(at: folder, replacing: true) {
            try AtomicFile.write([2], to: $0 + "/b")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b"])
        #expect(try scratch.names == ["d"])
    }
}
