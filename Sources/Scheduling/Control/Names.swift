import Domain
import Foundation

/// The rules for names that become folders and addresses.
enum Names {
    /// What is wrong with a name, `nil` when nothing is.
    static func problem(_ name: String) -> String? {
        let isAllowed = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
                || byte == 0x2E || byte == 0x5F
        }
        if name.isEmpty || name.utf8.count > 96 { return "must have 1 to 96 characters" }
        if !isAllowed { return "may only have a-z, 0-9, '.', '_' and '-', not \"\(name)\"" }
        if name.hasPrefix(".") { return "must not begin with a dot" }
        return nil
    }

    /// `RUN@ITERATION` in its parts, `nil` for a plain name.
    static func checkpoint(_ name: String) -> (run: String, iteration: Int)? {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let iteration = Int(parts[1]), iteration >= 0 else { return nil }
        return (String(parts[0]), iteration)
    }

    /// The words for a name that nothing has: the nearest known one, else the first twenty.
    static func unknown(_ what: String, _ name: String, among known: [String]) -> String {
        if let near = nearestName(to: name, among: known) {
            return "there is no \(what) \"\(name)\"; did you mean \"\(near)\"?"
        }
        let list = known.sorted().prefix(20).joined(separator: ", ")
        return "there is no \(what) \"\(name)\"; "
            + (known.isEmpty ? "there is none yet" : "known: \(list)")
    }
}
