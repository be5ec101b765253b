/// A header value of the form `essence; name=value; name="value"`.
struct FieldValue: Sendable, Hashable {
    /// What stands before the parameters, in lower case.
    private(set) var essence: String
    /// The first value of each name; names are in lower case.
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = text[...]
        essence = rest.prefix { $0 != ";" }.trimmingBlanks().lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.popFirst() != nil {
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            let value = Self.value(&rest)
            let key = name.trimmingBlanks().lowercased()
            if parameters[key] == nil { parameters[key] = value }
            rest = rest.drop { $0 != ";" }
        }
    }

    /// A token, or a quoted string with its escapes undone.
    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return token.trimmingBlanks()
        }
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            // RFC 9110 §5.6.4; browsers write quotes as %22 and leave backslashes alone (RFC 7578 §2).
            if character == "\\", rest.first == "\"" || rest.first == "\\" {
                text.append(rest.removeFirst())
            } else {
                text.append(character)
            }
        }
        return text.replacing("%22", with: "\"")
    }
}
