import Arguments
import Domain
import Foundation

/// Reads the arguments, measures, writes the report, and turns what went wrong into an exit code.
enum BenchProgram {
    /// 0 done, 1 a case failed, 2 wrong usage.
    static func run(_ words: [String]) -> Int32 {
        do {
            let arguments = try CommandDescription.bench.parse(words)
            if arguments.wantsHelp {
                print(CommandDescription.bench.help)
                return 0
            }
            if arguments.has("list") {
                print(CaseTable.list(CaseCatalogue.all))
                return 0
            }
            return try measure(BenchOptions(arguments))
        } catch let error as UsageError {
            complain(error.description)
            return 2
        } catch {
            complain("hone bench: \(error)")
            return 1
        }
    }

    private static func measure(_ options: BenchOptions) throws -> Int32 {
        let runner: any CaseRunner =
            options.isInProcess ? LocalRunner(options: options) : ChildRunner(options: options)
        var results: [CaseResult] = []
        for benchmark in options.cases {
            if !options.writesJSON { complain("measuring \(benchmark.name)") }
            results.append(runner.result(of: benchmark))
        }
        let report = Report(options: options, results: results)
        print(options.writesJSON ? try report.json() : CaseTable.text(report))
        return report.cases.contains { $0.error != nil } ? 1 : 0
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
