import Foundation
import Kernels

/// Measures cases; a case that cannot be measured says why and costs no other.
protocol CaseRunner {
    func result(of benchmark: BenchmarkCase) -> CaseResult
}

/// Measures in this process.
struct LocalRunner: CaseRunner {
    let options: BenchOptions

    func result(of benchmark: BenchmarkCase) -> CaseResult {
        var result = CaseResult(name: benchmark.name, meaning: benchmark.meaning)
        do {
            let bench = try Workbench(folder: options.folder, threads: options.threads)
            defer { bench.cleanUp() }
            try fill(&result, with: benchmark.prepare(bench))
        } catch {
            result.error = "\(error)"
        }
        result.peakMemoryBytes = ProcessMemory.peakBytes
        return result
    }

    private func fill(_ result: inout CaseResult, with work: Work) throws {
        if work.isWarmedUp { _ = try work.run() }
        var seconds: [Double] = []
        for _ in 0..<options.repetitions {
            let clock = ContinuousClock()
            let start = clock.now
            let part = try work.run()
            seconds.append((part ?? (clock.now - start)) / .seconds(1))
        }
        let spread = Spread(seconds)
        let counted = work.countsFastest ? spread.min : spread.median
        result.seconds = spread
        result.tokens = work.tokens
        result.tokensPerSecond = work.tokens.map { Double($0) / counted }
        result.gigaflops = work.usefulOperations.map { $0 / counted / 1e9 }
        result.gigabytesPerSecond = work.bytesRead.map { $0 / counted / 1e9 }
    }
}

/// Measures each case in a process of its own, so that its peak memory is its own.
struct ChildRunner: CaseRunner {
    let options: BenchOptions

    func result(of benchmark: BenchmarkCase) -> CaseResult {
        var failed = CaseResult(name: benchmark.name, meaning: benchmark.meaning)
        do {
            let output = try run([
                options.folder, "--in-process", "--json", "--cases", benchmark.name,
                "--repetitions", String(options.repetitions), "--threads", String(options.threads),
            ])
            if let result = try Report(json: output).cases.first { return result }
            failed.error = "its process ended without a result"
        } catch {
            failed.error = "\(error)"
        }
        return failed
    }

    private func run(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}

/// What the kernel counts of this process.
enum ProcessMemory {
    /// The most memory it ever held, bytes; 0 where the kernel does not say.
    static var peakBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
        return (kibibytes ?? 0) * 1024
    }
}
