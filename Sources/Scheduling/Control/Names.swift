import Domain
import Foundation

/// The rules for names that become folders and addresses.
enum Names {
    /// What is wrong with a name, `nil` when nothing is.
    static func problem(_ name: String) -> String? { ResourceName.problem(name) }

    /// `RUN@ITERATION` in its parts, `nil` for a plain name.
    static func checkpoint(_ name: String) -> (run: String, iteration: Int)? {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let iteration = Int(parts[1]), iteration >= 0 else { return nil }
        return (String(parts[0]), iteration)
    }

    /// The words for a name that nothing has: the nearest known one, else the first twenty.
    static func unknown(_ what: String, _ name: String, among known: [String]) -> String {
        let first = Array(known.sorted().prefix(20))
        let hint =
            known.isEmpty
            ? "; there is none yet" : NameHint.meantOrKnown(name, among: known, listed: first)
        return "there is no \(what) \"\(name)\"\(hint)"
    }
}

extension HoneError {
    /// Whether what was named is not there, or cannot be: a fault of the spec that names it.
    var namesNothing: Bool {
        [.unknownModel, .notFound, .unknownRun, .invalidRequest].contains(code)
    }
}
