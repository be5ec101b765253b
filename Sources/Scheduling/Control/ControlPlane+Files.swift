public import Domain
import Foundation
public import Store

// Files that clients upload.
extension ControlPlane {
    /// Keeps an uploaded file.
    ///
    /// It is whole on disk before it is listed, and both have reached the disk when this returns.
    /// - Parameters:
    ///   - content: Its bytes, which are never all in memory.
    ///   - filename: As the client calls it; never a path here.
    ///   - purpose: What it is for.
    ///   - lifetime: Seconds after which it goes by itself; `nil`: it stays.
    ///   - origin: Names the request; an equal one finds the file that the first made.
    /// - Returns: its record.
    /// - Throws: `.diskFull`.
    public func storeFile(
        _ content: FileContent,
        filename: String,
        purpose: String,
        lifetime: Int?,
        origin: String? = nil
    ) async throws(HoneError) -> FileRecord {
        try await removeExpiredFiles()
        let id = Self.id("file-", of: origin)
        if origin != nil, let known = try await store.file(id) { return known }
        let (folder, path) = (folder, folder.file(id))
        try await DiskQueue.run { () throws(HoneError) in try folder.writeDurably(content, to: path)
        }
        let now = store.now()
        let record = FileRecord(
            id: id,
            filename: filename,
            purpose: purpose,
            byteCount: content.count,
            createdAt: now,
            expiresAt: lifetime.map { now.addingTimeInterval(Double($0)) }
        )
        do throws(HoneError) { try await store.insertFile(record) } catch {
            try? folder.remove(folder.file(id))
            throw error
        }
        return record
    }

    /// A file by id.
    ///
    /// - Throws: `.notFound`, also when its time is over.
    public func file(_ id: String) async throws(HoneError) -> FileRecord {
        if let found = try await store.file(id) { return found }
        throw HoneError(.notFound, "there is no file \"\(id)\"", param: id)
    }

    /// Where a file's content is.
    public func filePath(_ id: String) async throws(HoneError) -> String {
        folder.file(try await file(id).id)
    }

    /// Files in the order they were uploaded, or the newest first.
    ///
    /// - Throws: `.notFound` when there is no file `after`.
    public func files(
        purpose: String?,
        after: String?,
        limit: Int,
        newestFirst: Bool
    ) async throws(HoneError) -> Page<FileRecord> {
        try await removeExpiredFiles()
        if let after { _ = try await file(after) }
        return try await store.files(
            purpose: purpose,
            after: after,
            limit: limit,
            newestFirst: newestFirst
        )
    }

    /// Removes a file; runs that learn from it have copies of their own.
    ///
    /// - Throws: `.notFound`.
    public func deleteFile(_ id: String) async throws(HoneError) {
        _ = try await file(id)
        _ = try await store.deleteFile(id)
        try folder.remove(folder.file(id))
    }

    private func removeExpiredFiles() async throws(HoneError) {
        for id in try await store.expireFiles() { try? folder.remove(folder.file(id)) }
    }

    /// Removes what is on disk and not listed: an upload or a deletion that the process's end cut.
    func removeStrayFiles() async throws(HoneError) {
        let known = try await store.fileIDs()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.files)) ?? []
        for name in names where !known.contains(name) {
            try? folder.remove(folder.file(name))
        }
    }

    /// A name of 80 bits in letters and digits: those of the request, or random ones that nothing has.
    static func id(_ prefix: String, of origin: String?) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
        let bytes = origin.map { SHA256.digest(Array($0.utf8)) }
        return prefix
            + String(
                (0..<16).map { place in
                    letters[Int(bytes?[place] ?? UInt8.random(in: 0...255)) % letters.count]
                }
            )
    }
}

extension DataFolder {
    /// Uploaded files, named by their ids.
    var files: String { "\(root)/files" }

    func file(_ id: String) -> String { "\(files)/\(id)" }
}
