import Foundation

/// Why a call of the system failed, in the system's words: Foundation's own say less and name
/// error domains.
public enum SystemReason {
    /// The reason behind an error of Foundation's file functions, such as "No such file or directory".
    public static func text(of error: any Error) -> String {
        var next: NSError? = error as NSError
        while let cause = next {
            if cause.domain == NSPOSIXErrorDomain { return text(of: Int32(clamping: cause.code)) }
            next = cause.userInfo[NSUnderlyingErrorKey] as? NSError
        }
        return switch (error as NSError).code {
        case CocoaError.fileNoSuchFile.rawValue, CocoaError.fileReadNoSuchFile.rawValue:
            text(of: ENOENT)
        case CocoaError.fileReadNoPermission.rawValue, CocoaError.fileWriteNoPermission.rawValue:
            text(of: EACCES)
        case CocoaError.fileWriteFileExists.rawValue: text(of: EEXIST)
        case CocoaError.fileWriteOutOfSpace.rawValue: text(of: ENOSPC)
        default: "the system gave no reason"
        }
    }

    /// Why a file cannot be read, found by trying: Foundation does not keep every reason.
    public static func reading(_ path: String) -> String {
        // A pipe without a writer must not hold the caller.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return text(of: errno) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) < 0 ? text(of: errno) : "the system gave no reason"
    }

    private static func text(of number: Int32) -> String {
        guard let words = strerror(number) else { return "error \(number)" }
        return String(cString: words)
    }
}
