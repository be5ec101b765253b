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
                Array("{}\n".utf8),
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
}
