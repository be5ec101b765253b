import Domain
import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct FileStoreTests {
    private static func file(_ id: String, at seconds: Double, lasts: Double? = nil) -> FileRecord {
        let created = Date(timeIntervalSince1970: seconds)
        return FileRecord(
            id: id,
            filename: "\(id).jsonl",
            purpose: id == "file-c" ? "evals" : "fine-tune",
            byteCount: 3,
            createdAt: created,
            expiresAt: lasts.map { created.addingTimeInterval($0) }
        )
    }

    @Test func `files are found in pages either way, by purpose, and survive`() async throws {
        let folder = try TemporaryFolder()
        let store = try DataStore(folder: folder.path)
        for (place, id) in ["file-a", "file-b", "file-c"].enumerated() {
            try await store.insertFile(Self.file(id, at: Double(place)))
        }
        let again = try DataStore(folder: folder.path)
        #expect(try await again.file("file-b") == Self.file("file-b", at: 1))
        func ids(_ purpose: String?, _ after: String?, _ newest: Bool) async throws -> [String] {
            try await again.files(purpose: purpose, after: after, limit: 2, newestFirst: newest)
                .items.map(\.id)
        }
        #expect(try await ids(nil, nil, true) == ["file-c", "file-b"])
        #expect(try await ids(nil, "file-b", true) == ["file-a"])
        #expect(try await ids(nil, "file-a", false) == ["file-b", "file-c"])
        #expect(try await ids("fine-tune", nil, true) == ["file-b", "file-a"])
        #expect(try await again.deleteFile("file-b"))
        #expect(try await again.deleteFile("file-b") == false)
        #expect(try await again.fileIDs() == ["file-a", "file-c"])
    }

    @Test func `a file whose time is over is not there`() async throws {
        let folder = try TemporaryFolder()
        let clock = Clock(Date(timeIntervalSince1970: 100))
        let store = try DataStore(folder: folder.path, now: { clock.now })
        try await store.insertFile(Self.file("file-a", at: 100, lasts: 10))
        try await store.insertFile(Self.file("file-b", at: 100))
        #expect(try await store.file("file-a") != nil)
        clock.now = Date(timeIntervalSince1970: 110)
        #expect(try await store.file("file-a") == nil)
        #expect(try await store.expireFiles() == ["file-a"])
        #expect(try await store.fileIDs() == ["file-b"])
    }

    /// A clock that tests move.
    private final class Clock: Sendable {
        private let time: Mutex<Date>
        init(_ date: Date) { time = Mutex(date) }
        var now: Date {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
    }

    @Test func `a job goes with its run`() async throws {
        let folder = try TemporaryFolder()
        let store = try DataStore(folder: folder.path)
        let objective = NamedParameters(name: "sft")
        let spec = RunSpec(name: "ftjob-a", kind: .sft, model: "m", objective: objective)
        let run = try await store.insertRun(spec)
        try await store.insertJob(id: "ftjob-a", run: run.id, request: ["seed": 3])
        let job = try await store.job("ftjob-a")
        #expect(job.run == run && job.request == ["seed": 3])
        #expect(try await store.jobs(after: nil, limit: 5).items == [job])
        #expect(try await store.jobs(after: "ftjob-a", limit: 5).items.isEmpty)
        try await store.deleteRun(run.id)
        await #expect(throws: HoneError.self) { try await store.job("ftjob-a") }
    }
}
