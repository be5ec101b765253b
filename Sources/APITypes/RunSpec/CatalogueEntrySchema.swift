import Domain

/// `{"name": …}` and parameters that the entry of that name describes.
enum CatalogueEntrySchema {
    static let objective = Schema.named(
        "Objective",
        .openObject([.required("name", .text, "An entry of GET /v1/objectives.")])
    )

    static let advantage = Schema.named(
        "Advantage",
        .openObject([.required("name", .text, "An advantage estimator of GET /v1/objectives.")])
    )

    static let reward = Schema.named(
        "Reward",
        .openObject([.required("name", .text, "An entry of GET /v1/rewards.")])
    )

    /// Name and parameters of a checked entry.
    static func named(_ checked: Value) -> NamedParameters? {
        guard var fields = checked.objectValue, let name = fields["name"]?.stringValue else {
            return nil
        }
        fields["name"] = nil
        return NamedParameters(name: name, parameters: .object(fields))
    }
}
