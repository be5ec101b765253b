/// What can be bound to a statement's parameter.
enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// A number, or NULL when absent or not finite: SQLite has no NaN, and NULL says "unknown".
    static func optional(_ value: Double?) -> SQLValue {
        guard let value, value.isFinite else { return .null }
        return .real(value)
    }

    static func optional(_ value: Int?) -> SQLValue { value.map(SQLValue.integer) ?? .null }

    static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

    /// A query's limit for a page of `limit` rows: the row after the page says that more follow.
    static func onePast(_ limit: Int) -> SQLValue { .integer(limit < .max ? limit + 1 : limit) }

    /// The raw little-endian bytes of fixed-width elements.
    static func packed<Element: BitwiseCopyable>(_ elements: [Element]) -> SQLValue {
        .blob(elements.withUnsafeBytes { Array($0) })
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    init(integerLiteral value: Int) { self = .integer(value) }
    init(stringLiteral value: String) { self = .text(value) }
}
