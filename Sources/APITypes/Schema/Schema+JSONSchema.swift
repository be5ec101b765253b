public import Domain

extension Schema {
    /// The schema in JSON Schema 2020-12, as OpenAPI 3.1 takes it; components are references.
    public var jsonSchema: Value {
        switch self {
        case .any: [:]
        case .bool: ["type": "boolean"]
        case .string: ["type": "string"]
        case .text: ["type": "string", "minLength": 1]
        case .name: ["type": "string", "pattern": .string(ResourceName.pattern)]
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        case .integer(let range): Self.integerSchema(range)
        case .number(let range): Self.numberSchema(range)
        case .list(let element, let count): Self.listSchema(element, count)
        case .object(let fields): Self.objectSchema(fields, isOpen: false)
        case .openObject(let fields): Self.objectSchema(fields, isOpen: true)
        case .map(let element):
            ["type": "object", "additionalProperties": element.jsonSchema]
        case .oneOf(let alternatives): ["anyOf": .array(alternatives.map(\.jsonSchema))]
        case .nullable(let schema): ["anyOf": [schema.jsonSchema, ["type": "null"]]]
        case .named(let name, _): ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    /// Every named schema in this one, itself included.
    public var components: [String: Schema] {
        switch self {
        case .named(let name, let schema):
            schema.components.merging([name: schema]) { first, _ in first }
        case .list(let schema, _), .map(let schema), .nullable(let schema): schema.components
        case .oneOf(let schemas): Self.merge(schemas)
        case .object(let fields), .openObject(let fields): Self.merge(fields.map(\.schema))
        case .any, .bool, .string, .text, .name, .choice, .integer, .number: [:]
        }
    }

    private static func merge(_ schemas: [Schema]) -> [String: Schema] {
        schemas.reduce(into: [:]) { result, schema in
            result.merge(schema.components) { first, _ in first }
        }
    }

    private static func integerSchema(_ range: ClosedRange<Int>) -> Value {
        var fields: [String: Value] = ["type": "integer"]
        if range.lowerBound != .min { fields["minimum"] = .integer(range.lowerBound) }
        if range.upperBound != .max { fields["maximum"] = .integer(range.upperBound) }
        return .object(fields)
    }

    private static func numberSchema(_ range: NumericRange) -> Value {
        var fields: [String: Value] = ["type": "number"]
        if range.lower.isFinite {
            fields[range.includesLower ? "minimum" : "exclusiveMinimum"] = .number(range.lower)
        }
        if range.upper.isFinite {
            fields[range.includesUpper ? "maximum" : "exclusiveMaximum"] = .number(range.upper)
        }
        return .object(fields)
    }

    private static func listSchema(_ element: Schema, _ count: ClosedRange<Int>) -> Value {
        var fields: [String: Value] = ["type": "array", "items": element.jsonSchema]
        if count.lowerBound > 0 { fields["minItems"] = .integer(count.lowerBound) }
        if count.upperBound != .max { fields["maxItems"] = .integer(count.upperBound) }
        return .object(fields)
    }

    private static func objectSchema(_ fields: [FieldDescription], isOpen: Bool) -> Value {
        var properties: [String: Value] = [:]
        for field in fields {
            var schema = field.schema.jsonSchema.objectValue ?? [:]
            schema["description"] = .string(field.meaning)
            if case .defaulted(let value) = field.presence { schema["default"] = value }
            properties[field.name] = .object(schema)
        }
        var result: [String: Value] = ["type": "object", "properties": .object(properties)]
        let required = fields.filter { $0.presence == .required }.map { Value.string($0.name) }
        if !required.isEmpty { result["required"] = .array(required) }
        result["additionalProperties"] = .bool(isOpen)
        return .object(result)
    }
}
