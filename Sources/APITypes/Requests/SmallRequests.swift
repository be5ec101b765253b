public import Domain

/// `POST /v1/runs/{id}/fork`.
public struct ForkRequest: Sendable, Hashable {
    /// The checkpoint to go on from.
    public var iteration: Int
    /// Fields of the spec and their new values; `name` among them.
    public var changes: [String: Value]

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        iteration = checked["iteration"]?.integerValue ?? 0
        changes = checked["changes"]?.objectValue ?? [:]
    }

    /// The parent's spec with the changes, as a value for `RunSpecReader`.
    ///
    /// Objects are merged field by field, so `{"optimizer":{"learning_rate":1e-6}}` keeps the rest;
    /// an `objective` or `reward` of another name replaces the old one whole. Null takes away.
    public func changed(_ spec: RunSpec) -> Value {
        var fields = RunSpecWriter.value(spec).objectValue ?? [:]
        // The parent's name stays its own; so does the name of its result.
        fields["name"] = nil
        fields["publish_as"] = nil
        return Self.merge(.object(fields), .object(changes))
    }

    private static func merge(_ old: Value, _ new: Value) -> Value {
        guard var fields = old.objectValue, let changes = new.objectValue else { return new }
        if let name = changes["name"], let before = fields["name"], name != before { return new }
        for (name, change) in changes {
            fields[name] =
                change == .null ? nil : fields[name].map { merge($0, change) } ?? change
        }
        return .object(fields)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ForkRequest",
        .object([
            .required("iteration", .count, "The checkpoint to go on from."),
            .required(
                "changes",
                .openObject([.required("name", .name, "The new run's name.")]),
                "Fields of the run spec and their new values; null takes one away."
            ),
        ])
    )
}
