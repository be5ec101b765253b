import Domain

/// A field that clients of another service send and that has no use here.
///
/// Every such field is named: what is not named is unknown and refused, so that no wish is passed
/// over in silence.
struct ForeignField: Sendable {
    let name: String
    /// Values that ask for nothing; `nil`: whatever it says is taken and not used.
    let neutral: [Value]?
    /// What it would do, and what to do in its place.
    let reason: String

    /// A field that changes nothing about the reply.
    static func ignored(_ name: String) -> ForeignField {
        ForeignField(name: name, neutral: nil, reason: "Taken and not used.")
    }

    /// A field of which only values that ask for nothing are taken.
    static func refused(
        _ name: String,
        _ reason: String,
        neutral: Value...
    ) -> ForeignField {
        ForeignField(name: name, neutral: neutral, reason: reason)
    }

    var description: FieldDescription {
        .optional(name, .any, neutral == nil ? reason : "Not offered: \(reason).")
    }

    /// The fault of a value that asks for something.
    func fault(_ object: Value, path: String) -> Fault? {
        guard let neutral, let value = object[name], value != .null else { return nil }
        if neutral.contains(where: { Self.isEqual($0, value) }) { return nil }
        let values = neutral.map { JSONText.text($0) }.joined(separator: " or ")
        let mend = values.isEmpty ? "leave it out" : "leave it out, or send \(values)"
        return Fault(path: "\(path).\(name)", message: "is not offered (\(reason)): \(mend)")
    }

    private static func isEqual(_ one: Value, _ other: Value) -> Bool {
        if let number = one.doubleValue { return number == other.doubleValue }
        return one == other
    }
}

extension [ForeignField] {
    /// The faults of an object that has such fields.
    func faults(_ object: Value, path: String = "$") -> [Fault] {
        compactMap { $0.fault(object, path: path) }
    }
}
