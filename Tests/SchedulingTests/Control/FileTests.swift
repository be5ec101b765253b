import Domain
import Foundation
import Store
import Testing

@testable import Scheduling

/// Files that clients upload.
struct FileTests {
    @Test func `an equal upload finds the file that the first made, in another process too`()
        async throws
    {
        let bench = try await Bench()
        func upload(
            _ plane: ControlPlane,
            _ origin: String?
        ) async throws -> FileRecord {
            try await plane.storeFile(
                FileContent(Array("{}\n".utf8)),
                filename: "a.jsonl",
                purpose: "fine-tune",
                lifetime: nil,
                origin: origin
            )
        }
        let plane = try await bench.plane()
        let first = try await upload(plane, "key/body")
        #expect(try await upload(plane, "key/body").id == first.id)
        await plane.shutdown()
        let again = try await bench.plane()
        #expect(try await upload(again, "key/body").id == first.id)
        #expect(try await upload(again, nil).id != first.id)
        let folder = "\(bench.folder)/data/files"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
        await again.shutdown()
    }

    @Test func `content that cannot be read to its end leaves nothing behind`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let content = FileContent(count: 3 << 20) { range in
            guard range.lowerBound < 2 << 20 else { throw POSIXError(.EIO) }
            return [UInt8](repeating: 1, count: range.count)
        }
        await #expect(throws: HoneError.self) {
            try await plane.storeFile(content, filename: "a", purpose: "fine-tune", lifetime: nil)
        }
        let folder = "\(bench.folder)/data/files"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(
            try await plane.files(purpose: nil, after: nil, limit: 9, newestFirst: true).items
                .isEmpty
        )
        await plane.shutdown()
    }
}
