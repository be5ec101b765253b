/// What a person, or a tool in their name, says of texts.
public struct Verdict: Sendable, Hashable, Codable {
    /// What kind of thing is said.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Which of two texts is better: `first`, `second`, `tie` or `both_bad`.
        case pairwise
        /// The rank of each of several texts, 1 the best; equal ranks are ties.
        case ranking
        /// A number; higher is better.
        case rating
        /// Whether it is good: true or false, or a reaction by name.
        case binary
        /// Words on what is wrong or right.
        case critique
        /// A part of the text and what it is: `{"start", "end", "label"}`, in characters.
        case span
        /// How it should have been answered.
        case demonstration
        /// What the person wrote next.
        case message

        /// How many texts it is about.
        public var subjects: ClosedRange<Int> {
            switch self {
            case .pairwise: 2...2
            case .ranking: 2...64
            case .rating, .binary, .critique, .span, .message: 1...1
            case .demonstration: 0...1
            }
        }
    }

    /// Which of two.
    public enum Choice: String, Sendable, Hashable, Codable, CaseIterable {
        case first
        case second
        case tie
        case bothBad = "both_bad"

        /// The same seen from the other side.
        public var swapped: Choice {
            switch self {
            case .first: .second
            case .second: .first
            case .tie, .bothBad: self
            }
        }
    }

    /// Reactions that say yes or no.
    public static let reactions: [String: Bool] = [
        "like": true, "love": true, "thumbs_up": true, "upvote": true,
        "dislike": false, "thumbs_down": false, "downvote": false,
    ]

    /// What kind of thing is said.
    public var kind: Kind
    /// What is said, in the kind's own form.
    public var value: Value
    /// How sure, in (0, 1]; `nil`: nobody said, which counts as sure.
    public var strength: Double?

    /// A verdict as it is; `read` checks one.
    public init(kind: Kind, value: Value, strength: Double? = nil) {
        self.kind = kind
        self.value = value
        self.strength = strength
    }

    /// Reads what a client says of `count` texts, and brings it into the kind's own form.
    ///
    /// - Throws: what is wrong with it, at `path`.
    public static func read(
        _ kind: Kind,
        _ value: Value,
        strength: Double? = nil,
        count: Int,
        path: String
    ) throws(Faults) -> Verdict {
        func wrong(_ message: String) -> Faults {
            Faults([Fault(path: "\(path).value", message: message)])
        }
        switch kind {
        case .pairwise:
            let known = Choice.allCases.map(\.rawValue)
            guard let word = value.stringValue, known.contains(word) else {
                throw wrong("must be one of \(known.joined(separator: ", "))")
            }
        case .ranking:
            let ranks = value.arrayValue?.compactMap(\.integerValue) ?? []
            guard ranks.count == count, value.arrayValue?.count == count,
                ranks.allSatisfy({ (1...count).contains($0) })
            else { throw wrong("must be \(count) ranks from 1, the best, to \(count), one a text") }
        case .rating:
            guard let number = value.doubleValue, number.isFinite else {
                throw wrong("must be a number")
            }
        case .binary:
            if let name = value.stringValue {
                guard let meaning = reactions[name] else {
                    let known = reactions.keys.sorted().joined(separator: ", ")
                    throw wrong("must be true, false or one of \(known)")
                }
                return Verdict(kind: kind, value: .bool(meaning), strength: strength)
            }
            guard value.boolValue != nil else { throw wrong("must be true or false") }
        case .critique, .demonstration, .message:
            guard let text = value.stringValue, !text.isEmpty else {
                throw wrong("must be a text that is not empty")
            }
        case .span:
            guard let start = value["start"]?.integerValue, let end = value["end"]?.integerValue,
                let label = value["label"]?.stringValue, !label.isEmpty, start >= 0, end > start
            else { throw wrong("must be {\"start\", \"end\", \"label\"} with 0 <= start < end") }
        }
        return Verdict(kind: kind, value: value, strength: strength)
    }

    /// Which of two texts is better; `nil` for other kinds.
    public var choice: Choice? {
        kind == .pairwise ? value.stringValue.flatMap(Choice.init) : nil
    }
}
