internal import Domain
internal import FoundationEssentials
internal import Glibc

/// Publishes a whole folder at once: filled beside, everything flushed, renamed.
public enum AtomicDirectory {
    /// Makes the folder at `path` from what `body` writes into the staging folder it is given.
    ///
    /// When anything throws, the staging folder is removed and what was at `path` is untouched.
    ///
    /// `replacing` says whether an existing folder is moved aside for the new one and then
    ///   deleted; otherwise an existing `path` is refused. Replacing takes two renames, so a power cut
    ///   exactly between them leaves neither at `path`: publish under new names where that matters.
    /// `isDurable` says whether everything is flushed before it is renamed; without, a power cut may
    ///   leave files without content, so only what is made anew after one may be published so.
    /// - Throws: `HoneError(.alreadyExists)`, `.diskFull`, `.internalError`, and what `body` throws.
    public static func publish(
        at path: String,
        replacing: Bool = false,
        isDurable: Bool = true,
        _ body: (_ staging: String) throws -> Void
    ) throws {
        let path = withoutTrailingSlash(path)
        let staging = temporarySibling(of: path)
        guard mkdir(staging, 0o755) == 0 else {
            throw FileFailure.writing(staging, "create the folder", errno)
        }
        do {
            try body(staging)
            if isDurable { try synchronizeTree(staging) }
            try move(staging, to: path, replacing: replacing)
        } catch {
            try? FileManager.default.removeItem(atPath: staging)
            guard var failure = error as? HoneError else { throw error }
            // The user knows the folder that was to be, not the one it was filled in.
            failure.message = failure.message.replacing(staging, with: path)
            failure.param = failure.param?.replacing(staging, with: path)
            throw failure
        }
        if isDurable { try synchronizeFolder(parentFolder(of: path)) }
    }

    private static func move(_ staging: String, to path: String, replacing: Bool) throws {
        if kind(of: path) == .missing {
            return try rename(staging, to: path)
        }
        guard replacing else {
            throw HoneError(
                .alreadyExists,
                "\(path) already exists; choose another name or remove it first",
                param: path
            )
        }
        let previous = temporarySibling(of: path)
        try rename(path, to: previous)
        do {
            try rename(staging, to: path)
        } catch {
            try? rename(previous, to: path)
            throw error
        }
        try? FileManager.default.removeItem(atPath: previous)
    }

    private static func rename(_ old: String, to new: String) throws {
        guard Glibc.rename(old, new) == 0 else {
            throw FileFailure.writing(new, "move the folder into place", errno)
        }
    }

    private static func synchronizeTree(_ folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = joinPath(folder, name)
            switch kind(of: path) {
            case .folder: try synchronizeTree(path)
            case .file: try synchronizeFile(path)
            case .missing, .other: continue
            }
        }
        try synchronizeFolder(folder)
    }

    private static func synchronizeFile(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure.writing(path, "open it", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure.writing(path, "flush it", errno) }
    }
}
