public import Foundation

/// The checkout that these tests were built from.
public enum Checkout {
    /// Its top folder, found from where this source lies.
    public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A file or folder in it.
    public static func url(_ path: String) -> URL { root.appendingPathComponent(path) }

    /// Whether tests that hold a page against the code write it anew first: `HONE_WRITE_DOCS=1`.
    public static let writesDocumentation =
        ProcessInfo.processInfo.environment["HONE_WRITE_DOCS"] == "1"
}
