import Domain

/// The order of a run's prompts, of the records of its file and of its pairs, by `curriculum`.
struct Curriculum: Sendable {
    private let spec: CurriculumSpec
    private let kind: RunKind

    /// The `by` that needs no number of the record.
    static let length = "length"

    init(_ spec: RunSpec) {
        self.spec = spec.curriculum ?? CurriculumSpec()
        kind = spec.kind
    }

    /// The number that every prompt's record must have.
    private var field: String? {
        spec.order.isByNumber && spec.by != Self.length ? spec.by : nil
    }

    /// The number that every record of an offline or sft run's file must have.
    var elementField: String? { kind == .offline || kind == .sft ? field : nil }

    /// The order in which every pass goes through the prompts of `source`; `nil` shuffles.
    ///
    /// - Throws: `.invalidData` for a record without the number, naming its line.
    func promptOrder(
        _ source: DataSource,
        _ prompts: [Prompt]
    ) throws(HoneError) -> [Int]? {
        guard let field else { return order(prompts.map { Double($0.byteCount) }) }
        let records = try DataReader.records(of: source, path: "$.prompts")
        return order(
            try records.map { record throws(HoneError) in try Self.number(field, of: record) }
        )
    }

    /// The same of a file's elements.
    func elementOrder(_ elements: [DataElement]) throws(HoneError) -> [Int]? {
        order(
            elements.map { element in
                let bytes = element.completions.reduce(element.prompt.byteCount) {
                    $0 + $1.text.utf8.count
                }
                return element.difficulty ?? Double(bytes)
            }
        )
    }

    /// The order of pairs by their margins; `nil` shuffles.
    func pairOrder(_ elements: [Lessons.Element]) -> [Int]? {
        guard spec.pairs.isByNumber else { return nil }
        let margins = elements.map { element in
            if case .pair(let pair) = element { pair.margin ?? 0 } else { 0.0 }
        }
        // The larger the margin, the easier.
        return Self.sorted(margins, isRising: spec.pairs == .hardFirst)
    }

    private func order(_ numbers: [Double]) -> [Int]? {
        switch spec.order {
        case .shuffled: nil
        case .sequential: Array(numbers.indices)
        case .easyFirst, .hardFirst: Self.sorted(numbers, isRising: spec.order == .easyFirst)
        }
    }

    /// Places by their numbers; equal ones stay in their order.
    private static func sorted(_ numbers: [Double], isRising: Bool) -> [Int] {
        numbers.indices.sorted { left, right in
            if numbers[left] == numbers[right] { return left < right }
            return (numbers[left] < numbers[right]) == isRising
        }
    }

    /// A number of a record.
    static func number(_ field: String, of record: DataRecord) throws(HoneError) -> Double {
        guard let number = try record.optionalNumber(field) else {
            throw record.error(
                "has no \"\(field)\", by which the curriculum orders: add that number to every record"
            )
        }
        return number
    }
}

extension Prompt {
    /// Bytes of its text; tokens count as four.
    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .messages(let list): list.reduce(0) { $0 + $1.content.utf8.count }
        case .tokens(let tokens): 4 * tokens.count
        }
    }

    /// The prompt with a text that follows it, as far as its size goes.
    func begun(_ text: String) -> Prompt {
        switch self {
        case .text(let prompt): .text(prompt + text)
        case .messages(let list): .messages(list + [ChatMessage(role: "assistant", content: text)])
        case .tokens: self
        }
    }
}
