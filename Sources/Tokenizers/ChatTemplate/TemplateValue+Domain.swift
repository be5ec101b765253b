import Domain

extension TemplateValue {
    /// A template's view of plain data.
    ///
    /// Objects come in order of their names.
    init(_ value: Value) {
        switch value {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let items): self = .items(items.map { Self($0) })
        case .object(let fields):
            let entries = fields.sorted { $0.key < $1.key }.map { ($0.key, Self($0.value)) }
            self = .dictionary(TemplateDictionary(entries))
        }
    }
}
