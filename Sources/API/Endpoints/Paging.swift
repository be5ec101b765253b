import APITypes
import Domain

/// What all lists have in common.
extension EndpointTable {
    /// For lists whose elements have numbers as ids.
    static let pageQuery: [FieldDescription] = [
        .optional("after", .count, "The id of the last element of the page before."),
        limit,
    ]

    static let limit = FieldDescription.field(
        "limit",
        .integer(1...1000),
        default: 100,
        "The most elements of one page."
    )

    /// The number in the path.
    static func number(_ call: EndpointCall) throws(HoneError) -> Int {
        let text = call.parameter("id")
        guard let number = Int(text), number > 0 else {
            throw HoneError(.invalidRequest, "the id \"\(text)\" is no number", param: "id")
        }
        return number
    }
}

extension EndpointCall {
    /// The most elements of the page that is asked for; the query's schema has given the default.
    var limit: Int { query["limit"]?.integerValue ?? 1 }
}
