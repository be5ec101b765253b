import Foundation
import Kernels

/// What figures were measured on, and with what.
struct Machine: Codable {
    let processor: String
    let cores: Int
    let memoryBytes: UInt64
    let system: String
    let kernel: String
    let compiler: String
    let build: String
    let blas: String

    /// The one this process runs on.
    static var this: Machine {
        Machine(
            processor: field("model name", of: "/proc/cpuinfo", separator: ":") ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            system: field("PRETTY_NAME", of: "/etc/os-release", separator: "=") ?? "Linux",
            kernel: text("/proc/sys/kernel/osrelease") ?? "unknown",
            compiler: compiler,
            build: build,
            blas: CPUBackend.blasDescription
        )
    }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
    }

    private static func field(_ name: String, of path: String, separator: Character) -> String? {
        for line in text(path)?.split(separator: "\n") ?? [] {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name else {
                continue
            }
            return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\" \t"))
        }
        return nil
    }

    private static var compiler: String {
        #if compiler(>=6.4)
        "Swift 6.4 or later"
        #elseif compiler(>=6.3)
        "Swift 6.3"
        #elseif compiler(>=6.2)
        "Swift 6.2"
        #else
        "Swift 6.1"
        #endif
    }

    private static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }
}
