public import Foundation

/// Files under `Tests/Fixtures`.
public enum Fixtures {
    /// The folder's path.
    public static var folder: String { Checkout.url("Tests/Fixtures").path }

    /// The path of a file or folder in it.
    public static func path(_ name: String) -> String { folder + "/" + name }

    /// The contents of a file in it.
    public static func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path(name)))
    }
}

/// A folder that is deleted when the value goes.
public final class TemporaryFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Makes a fresh folder in the system's temporary one.
    public init() throws {
        path = NSTemporaryDirectory() + "hone-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
