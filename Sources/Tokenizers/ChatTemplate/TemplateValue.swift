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
    case namespace(TemplateNamespace)
    case macro(TemplateMacro)
    /// A function that every template finds.
    case function(String)
}

/// A list that knows how deep it nests: the limit keeps recursion over values shallow.
struct TemplateList {
    let items: [TemplateValue]
    let depth: Int

    init(_ items: [TemplateValue]) {
        self.items = items
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

extension TemplateValue {
    /// How deep lists and dictionaries may nest.
    static let deepest = 64

    static func items(_ items: [TemplateValue]) -> Self { .list(TemplateList(items)) }

    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        // Kept out of lists and dictionaries: through a namespace they could hold themselves.
        case .namespace: Self.deepest
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
        case .namespace, .macro, .function: true
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
        case .list: "a list"
        case .dictionary: "a dictionary"
        case .namespace: "a namespace"
        case .macro, .function: "a function"
        }
    }
}
