/// How `tojson` lays JSON out: the arguments of Python's `json.dumps`, with the defaults that
/// `transformers` sets.
struct TemplateJSONLayout {
    private static let deepestIndent = 64

    /// What a level is indented by; `nil`: all in one line.
    private(set) var indent: String?
    private(set) var itemSeparator = ", "
    private(set) var keySeparator = ": "
    private let escapes: Bool
    private let sortsKeys: Bool

    /// The layout that `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`
    /// asks for.
    init(_ arguments: TemplateArguments) throws {
        try arguments.check(["ensure_ascii", "indent", "separators", "sort_keys"], of: "'tojson'")
        escapes = arguments.value(0, "ensure_ascii")?.isTrue ?? false
        sortsKeys = arguments.value(3, "sort_keys")?.isTrue ?? false
        switch arguments.value(1, "indent") {
        case nil, TemplateValue.none?: break
        case .string(let text)? where text.utf8.count <= Self.deepestIndent: indent = text
        case let value?:
            guard let width = value.integer, width <= Self.deepestIndent else {
                throw TemplateLexer.failure("indents JSON by \(value.kind)")
            }
            indent = String(repeating: " ", count: max(0, width))
        }
        if indent != nil { itemSeparator = "," }
        switch arguments.value(2, "separators") {
        case nil, TemplateValue.none?: break
        case .list(let list)?:
            let texts = list.items.compactMap(\.string)
            guard texts.count == 2, list.items.count == 2 else { fallthrough }
            (itemSeparator, keySeparator) = (texts[0], texts[1])
        default: throw TemplateLexer.failure("separates JSON by what are not two strings")
        }
    }

    func sorted(_ entries: [TemplateDictionary.Entry]) -> [TemplateDictionary.Entry] {
        guard sortsKeys else { return entries }
        return entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// A string as Python's `json` writes it.
    func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20 || escapes && scalar.value >= 0x7F:
                for unit in String(scalar).utf16 {
                    result += "\\u" + TemplateStrings.zeroFilled(String(unit, radix: 16), 4)
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
