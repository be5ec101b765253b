internal import Domain
internal import Glibc

/// The errors of this module, worded alike: what was wrong, in which file, and what to do.
enum FileFailure {
    /// The file's content is not what its format says.
    static func invalid(_ path: String, _ problem: String) -> HoneError {
        HoneError(.invalidModelFile, "\(path): \(problem)", param: path).inOneLine
    }

    /// The file is well formed but needs something that is not built.
    static func unsupported(_ path: String, _ problem: String) -> HoneError {
        HoneError(.unsupportedModel, "\(path): \(problem)", param: path).inOneLine
    }

    /// A system call on `path` failed with `code` (an `errno`) while reading.
    static func reading(_ path: String, _ action: String, _ code: Int32) -> HoneError {
        invalid(
            path,
            "cannot \(action): \(reason(code)); check that the file exists and is readable"
        )
    }

    /// A system call on `path` failed with `code` (an `errno`) while writing.
    static func writing(_ path: String, _ action: String, _ code: Int32) -> HoneError {
        if [ENOSPC, EDQUOT, EFBIG].contains(code) {
            return HoneError(
                .diskFull,
                "\(path): no space left to \(action); free some space and try again "
                    + "(what was there before is untouched)",
                param: path
            )
        }
        return HoneError(.internalError, "\(path): cannot \(action): \(reason(code))", param: path)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
