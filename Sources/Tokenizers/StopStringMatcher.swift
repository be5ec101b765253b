/// Ends a text at the first stop string, wherever the tokens it comes from are cut.
///
/// Text that may be the start of a stop string is held back until it is known not to be.
public struct StopStringMatcher: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    /// The stop string that was found; nothing is given out after it.
    public private(set) var matched: String?

    /// Looks for any of `stopStrings`; empty ones are ignored.
    public init(_ stopStrings: [String]) {
        stops = stopStrings.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

    /// Takes the next text; returns what can be given out now, up to the stop string.
    public mutating func append(_ text: String) -> String {
        guard matched == nil else { return "" }
        held.append(contentsOf: text.utf8)
        return search(holdingBack: true)
    }

    /// Ends the text: what was held back is given out, up to a stop string that is whole in it.
    public mutating func finish() -> String { search(holdingBack: false) }

    private mutating func search(holdingBack: Bool) -> String {
        for start in held.indices {
            // Of stop strings at one place the longest that is whole counts.
            let whole = stops.filter { held[start...].starts(with: $0) }
            if let stop = whole.max(by: { $0.count < $1.count }) {
                matched = String(decoding: stop, as: UTF8.self)
                return release(upTo: start, dropping: true)
            }
            if holdingBack, stops.contains(where: { $0.starts(with: held[start...]) }) {
                return release(upTo: start, dropping: false)
            }
        }
        return release(upTo: held.count, dropping: false)
    }

    private mutating func release(upTo end: Int, dropping: Bool) -> String {
        let text = String(decoding: held[..<end], as: UTF8.self)
        if dropping { held = [] } else { held.removeFirst(end) }
        return text
    }
}
