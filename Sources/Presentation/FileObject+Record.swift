public import APITypes
public import Store

extension FileObject {
    /// An uploaded file.
    public init(_ record: FileRecord) {
        self.init(
            id: record.id,
            bytes: record.byteCount,
            createdAt: record.createdAt.unixSeconds,
            filename: record.filename,
            purpose: record.purpose
        )
        expiresAt = record.expiresAt?.unixSeconds
    }
}
