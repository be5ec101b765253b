/// A value of a template while it runs: Python's, as far as templates use them.
enum TemplateValue {
    /// What a missing variable or field gives; the name is for messages.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list(TemplateList)
    case dictionary(TemplateDictionary)
    /// What Python computes only when it is asked for, and gives once.
    case generator(TemplateGenerator)
    case namespace(TemplateNamespace)
    case macro(TemplateClosure)
    /// A function that every template finds.
    case function(String)
    /// A method of a value, not yet called.
    indirect case method(TemplateValue, String)
    case loop(TemplateLoopState)
    case cycle(TemplateCycle)
}

/// A list that knows how deep it nests: the limit keeps recursion over values shallow.
struct TemplateList {
    let items: [TemplateValue]
    let depth: Int
    /// Whether it is a tuple, which is written otherwise and equals no list.
    let isTuple: Bool
    /// What the items of a group are called.
    let names: [String]

    init(_ items: [TemplateValue], isTuple: Bool = false, names: [String] = []) {
        self.items = items
        self.isTuple = isTuple
        self.names = names
        depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
    }
}

/// A dictionary in order of insertion.
///
/// Keys are compared by scalars; few enough for a scan.
struct TemplateDictionary {
    /// One key and what it stands for.
    struct Entry {
        let key: String
        var value: TemplateValue
    }

    private(set) var entries: [Entry] = []
    private(set) var depth = 1

    init(_ entries: [(key: String, value: TemplateValue)] = []) {
        for entry in entries { set(entry.key, entry.value) }
    }

    subscript(key: String) -> TemplateValue? {
        entries.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    mutating func set(_ key: String, _ value: TemplateValue) {
        depth = max(depth, 1 + value.depth)
        if let index = entries.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
            entries[index].value = value
        } else {
            entries.append(Entry(key: key, value: value))
        }
    }
}

/// `namespace(…)`: the one thing whose fields a loop's body can change for what follows it.
final class TemplateNamespace {
    var fields = TemplateDictionary()
}

/// What is left of a sequence that can be gone through once.
final class TemplateGenerator {
    private var items: ArraySlice<TemplateValue>
    let depth: Int

    init(_ items: [TemplateValue]) {
        self.items = items[...]
        depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
    }

    // The optimiser of Swift 6.3 fails where this is inlined beside another use of the same items.
    @inline(never)
    func next() -> TemplateValue? { items.popFirst() }

    func rest() -> [TemplateValue] {
        defer { items = [] }
        return Array(items)
    }
}

/// A macro and the variables that it sees besides the template's own.
final class TemplateClosure {
    let macro: TemplateMacro
    let scopes: [[String: TemplateValue]]

    init(_ macro: TemplateMacro, scopes: [[String: TemplateValue]]) {
        self.macro = macro
        self.scopes = scopes
    }
}

/// `cycler(…)`, which gives its items in turn, or `joiner(…)`, which gives its text from the second
/// time on.
final class TemplateCycle {
    let items: [TemplateValue]
    let isJoiner: Bool
    private var position = 0

    init(_ items: [TemplateValue], isJoiner: Bool) {
        self.items = items
        self.isJoiner = isJoiner
    }

    var current: TemplateValue { items.isEmpty ? .string("") : items[position % items.count] }

    func next() -> TemplateValue {
        defer { position += 1 }
        guard isJoiner else { return current }
        return position == 0 ? .string("") : current
    }

    func reset() { position = 0 }
}

extension TemplateValue {
    /// How deep lists and dictionaries may nest.
    static let deepest = 64

    static func items(_ items: [TemplateValue]) -> Self { .list(TemplateList(items)) }

    static func tuple(_ items: [TemplateValue]) -> Self {
        .list(TemplateList(items, isTuple: true))
    }

    static func generated(_ items: [TemplateValue]) -> Self {
        .generator(TemplateGenerator(items))
    }

    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .generator(let generator): generator.depth
        // Kept out of lists and dictionaries: through a namespace they could hold themselves.
        case .namespace, .macro, .method, .loop, .cycle: Self.deepest
        default: 0
        }
    }

    /// Python's truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let list): !list.items.isEmpty
        case .dictionary(let dictionary): !dictionary.entries.isEmpty
        case .loop(let state): !state.items.isEmpty
        case .namespace, .macro, .function, .generator, .method, .cycle: true
        }
    }

    /// The value as a number; Python counts `True` as 1.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The value as a whole number.
    var integer: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The word for the kind of this value in messages.
    var kind: String {
        switch self {
        case .undefined(let name): "'\(name)', which is undefined"
        case .none: "none"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .list(let list): list.isTuple ? "a tuple" : "a list"
        case .dictionary: "a dictionary"
        case .namespace: "a namespace"
        case .generator: "a generator, which 'list' makes a list of"
        case .macro, .function, .method: "a function"
        case .loop: "a loop"
        case .cycle(let cycle): cycle.isJoiner ? "a joiner" : "a cycler"
        }
    }
}
