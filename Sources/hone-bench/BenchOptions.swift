import Domain
import Arguments
import Foundation

/// What to measure and how, as the command line says it.
struct BenchOptions {
    /// A model folder.
    let folder: String
    /// In the order they are measured and shown.
    let cases: [BenchmarkCase]
    /// Measured runs of each case, after one that is not measured.
    let repetitions: Int
    /// Threads of every operation.
    let threads: Int
    let writesJSON: Bool
    /// Measures here, without a child process for each case.
    let isInProcess: Bool

    /// - Throws: `UsageError` naming what is wrong.
    init(_ arguments: ParsedArguments) throws(UsageError) {
        guard let model = arguments.operands.first else {
            throw arguments.wrong("MODEL is missing")
        }
        folder = Self.folder(model, data: arguments["data"])
        isInProcess = arguments.has("in-process")
        writesJSON = arguments.has("json")
        repetitions = try arguments.integer("repetitions", in: 1...1000) ?? 5
        threads =
            try arguments.integer("threads", in: 1...1024)
            ?? ProcessInfo.processInfo.activeProcessorCount
        let chosen = try Self.cases(arguments)
        // What fractions are of; a child measures its one case only.
        let denominators = isInProcess ? [] : CaseCatalogue.denominators
        cases =
            denominators
            + chosen.filter { benchmark in !denominators.contains { $0.name == benchmark.name } }
    }

    private static func cases(_ arguments: ParsedArguments) throws(UsageError) -> [BenchmarkCase] {
        guard let list = arguments["cases"] else { return CaseCatalogue.all }
        var cases: [BenchmarkCase] = []
        for name in list.split(separator: ",").map(String.init) {
            guard let benchmark = CaseCatalogue.all.first(where: { $0.name == name }) else {
                let known = CaseCatalogue.all.map { $0.name }
                let hint = NameHint.meant(name, among: known, mark: "")
                throw arguments.wrong("there is no case \(name)\(hint) (--list shows all)")
            }
            cases.append(benchmark)
        }
        return cases
    }

    /// An imported model's folder, or the path that was given.
    private static func folder(_ name: String, data: String?) -> String {
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let imported = (data ?? home + "/.local/share/hone") + "/models/" + name
        return FileManager.default.fileExists(atPath: imported) ? imported : name
    }
}
