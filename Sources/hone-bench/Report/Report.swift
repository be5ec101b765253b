import Foundation

/// What was measured, where, when and by which command.
struct Report: Codable {
    let machine: Machine
    let command: String
    let date: String
    let model: String
    let threads: Int
    let repetitions: Int
    private(set) var cases: [CaseResult]
    let savings: [SavingResult]

    init(options: BenchOptions, results: [CaseResult]) {
        machine = Machine.this
        command = (["hone bench"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        date = ISO8601DateFormatter().string(from: Date())
        model = URL(fileURLWithPath: options.folder).lastPathComponent
        threads = options.threads
        repetitions = options.repetitions
        cases = Self.withFractions(results)
        savings = SavingResult.all(options.cases, results)
    }

    /// Fractions of what this machine was measured to do.
    private static func withFractions(_ results: [CaseResult]) -> [CaseResult] {
        let peak = results.first { $0.name == BenchmarkCase.gemmPeak.name }?.gigaflops
        let bandwidth = results.first { $0.name == BenchmarkCase.memoryBandwidth.name }?
            .gigabytesPerSecond
        return results.map { result in
            var result = result
            if let peak { result.gemmFraction = result.gigaflops.map { $0 / peak } }
            if let bandwidth {
                result.bandwidthFraction = result.gigabytesPerSecond.map { $0 / bandwidth }
            }
            return result
        }
    }

    /// Reads what `json` wrote.
    init(json: Data) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Report.self, from: json)
    }

    /// As text, keys in snake case.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// One designed saving, with and without.
struct SavingResult: Codable {
    let saving: String
    let with: String
    let without: String
    /// Time without over time with.
    let speedup: Double
    /// Peak memory without less that with.
    let savedBytes: Int

    /// Those of which both cases were measured.
    static func all(_ cases: [BenchmarkCase], _ results: [CaseResult]) -> [SavingResult] {
        cases.compactMap { benchmark in
            guard let saving = benchmark.leavesOut,
                let with = results.first(where: { $0.name == saving.of }),
                let without = results.first(where: { $0.name == benchmark.name }),
                let fast = with.seconds, let slow = without.seconds
            else { return nil }
            return SavingResult(
                saving: saving.name,
                with: with.name,
                without: without.name,
                speedup: slow.median / fast.median,
                savedBytes: (without.peakMemoryBytes ?? 0) - (with.peakMemoryBytes ?? 0)
            )
        }
    }
}
