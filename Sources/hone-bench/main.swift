import Domain
import Foundation
import Kernels

let usage = """
    usage: hone bench MODEL [--data DIR] [--repetitions 5] [--threads N] [--prompt-tokens 128] \
    [--new-tokens 64] [--json]
    Measures sampling, scoring and training of a model on this machine; run it while nothing else runs.
    MODEL is the name of an imported model, a model folder or a GGUF file.
    """

func value(_ name: String, default fallback: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), arguments.indices.contains(index + 1),
        let value = Int(arguments[index + 1]), value > 0
    else { return fallback }
    return value
}

/// An imported model's folder, or the path that was given.
func modelPath(_ name: String) -> String {
    let arguments = CommandLine.arguments
    let option = arguments.firstIndex(of: "--data").map { $0 + 1 }
    let given = option.flatMap { arguments.indices.contains($0) ? arguments[$0] : nil }
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    let imported = (given ?? home + "/.local/share/hone") + "/models/" + name
    return FileManager.default.fileExists(atPath: imported) ? imported : name
}

/// The most memory this process ever held, from the kernel's account of it.
func peakMemoryMebibytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 / 1024 }
        ?? 0
}

guard CommandLine.arguments.count > 1, !CommandLine.arguments[1].hasPrefix("-") else {
    print(usage)
    exit(2)
}
let threads = value("--threads", default: ProcessInfo.processInfo.activeProcessorCount)
do {
    let results = try Benchmark(
        folder: modelPath(CommandLine.arguments[1]),
        backend: CPUBackend(threadCount: threads),
        repetitions: value("--repetitions", default: 5),
        promptTokens: value("--prompt-tokens", default: 128),
        newTokens: value("--new-tokens", default: 64)
    ).run()
    if CommandLine.arguments.contains("--json") {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(results), as: UTF8.self))
    } else {
        print("\(CPUBackend.blasDescription), \(threads) threads")
        for result in results {
            let name = result.name.padding(toLength: 28, withPad: " ", startingAt: 0)
            print(
                name,
                String(format: "%9.1f tokens/s  %8.3f s", result.tokensPerSecond, result.seconds)
            )
        }
    }
} catch {
    FileHandle.standardError.write(Data("hone bench: \(error)\n".utf8))
    exit(1)
}
