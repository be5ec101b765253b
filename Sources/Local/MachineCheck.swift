import Foundation
import Glibc

/// One thing about the machine that Hone needs.
public struct MachineCheck: Sendable, Hashable, Codable {
    /// What was checked: BLAS, worker, cores, memory or disk.
    public var name: String
    /// Whether it is there, and enough of it.
    public var ok: Bool
    /// What was found, or what to do.
    public var detail: String

    /// Makes one; fields that are not named here can be set after.
    public init(_ name: String, _ ok: Bool, _ detail: String) {
        self.name = name
        self.ok = ok
        self.detail = detail
    }

    /// Everything that can be checked without starting anything.
    public static func all(dataFolder: String, workerPath: String) -> [MachineCheck] {
        [blas(), worker(workerPath), cores(), memory(), disk(dataFolder)]
    }

    private static func blas() -> MachineCheck {
        let name = "libopenblas.so.0"
        guard let library = dlopen(name, RTLD_NOW) else {
            return MachineCheck(
                "BLAS",
                false,
                "\(name) is missing: apt-get install libopenblas-dev"
            )
        }
        defer { dlclose(library) }
        guard let symbol = dlsym(library, "openblas_get_config") else {
            return MachineCheck("BLAS", true, "\(name), of another make")
        }
        typealias Configuration = @convention(c) () -> UnsafePointer<CChar>?
        let text = unsafeBitCast(symbol, to: Configuration.self)().map { String(cString: $0) }
        return MachineCheck("BLAS", true, text ?? name)
    }

    private static func worker(_ path: String) -> MachineCheck {
        FileManager.default.isExecutableFile(atPath: path)
            ? MachineCheck("worker", true, path)
            : MachineCheck("worker", false, "\(path) is missing: swift build -c release")
    }

    private static func cores() -> MachineCheck {
        let count = ProcessInfo.processInfo.activeProcessorCount
        return MachineCheck("cores", true, "\(count)")
    }

    private static func memory() -> MachineCheck {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let isEnough = kibibytes >= 3 << 20
        let advice = isEnough ? "" : "; a 135M model trains in 3 GiB or more"
        return MachineCheck("memory", isEnough, "\(kibibytes >> 10) MiB available\(advice)")
    }

    private static func disk(_ folder: String) -> MachineCheck {
        // The folder may not be there yet: its nearest existing parent decides.
        var url = URL(fileURLWithPath: folder).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
            url.deleteLastPathComponent()
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: url.path)
        let bytes = (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        guard FileManager.default.isWritableFile(atPath: url.path) else {
            return MachineCheck("disk", false, "\(folder) cannot be written")
        }
        let isEnough = bytes >= 4 << 30
        let advice = isEnough ? "" : "; two checkpoints of a 135M model take 3 GiB"
        return MachineCheck("disk", isEnough, "\(bytes >> 20) MiB free for \(folder)\(advice)")
    }
}
