import Domain
import Foundation
import Kernels

let usage = """
    usage: hone bench MODEL_FOLDER [--repetitions 5] [--threads N] [--prompt-tokens 128] \
    [--new-tokens 64] [--json]
    Measures sampling, scoring and training of a model on this machine; run it while nothing else runs.
    """

func value(_ name: String, default fallback: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), arguments.indices.contains(index + 1),
        let value = Int(arguments[index + 1]), value > 0
    else { return fallback }
    return value
}

guard CommandLine.arguments.count > 1, !CommandLine.arguments[1].hasPrefix("-") else {
    print(usage)
    exit(2)
}
let threads = value("--threads", default: ProcessInfo.processInfo.activeProcessorCount)
do {
    let results = try Benchmark(
        folder: CommandLine.arguments[1],
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
