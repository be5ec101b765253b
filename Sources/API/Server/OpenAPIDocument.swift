import APITypes
import Domain
import HTTP

/// The OpenAPI 3.1 document, made of the endpoint table that serves the requests.
enum OpenAPIDocument {
    static let value = make(EndpointTable.all)

    private static func make(_ endpoints: [Endpoint]) -> Value {
        var paths: [String: [String: Value]] = [:]
        var components = ErrorBody.schema.components
        for endpoint in endpoints {
            let method = endpoint.method.rawValue.lowercased()
            paths[endpoint.path, default: [:]][method] = operation(endpoint)
            for schema in schemas(of: endpoint) {
                components.merge(schema.components) { first, _ in first }
            }
        }
        let definitions = components.mapValues(\.jsonSchema)
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Hone", "version": "1",
                "description": "Online RLHF training: rollouts, rewards, updates and runs.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "http://127.0.0.1:8420"]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(definitions),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func schemas(of endpoint: Endpoint) -> [Schema] {
        var schemas = endpoint.query.map(\.schema)
        if let request = endpoint.request { schemas.append(request) }
        if let form = endpoint.form { schemas.append(form) }
        if case .json(let reply) = endpoint.reply { schemas.append(reply) }
        schemas += endpoint.alternatives.map(\.schema)
        return schemas
    }

    private static func operation(_ endpoint: Endpoint) -> Value {
        var fields: [String: Value] = [
            "summary": .string(endpoint.summary),
            "operationId": .string(operationID(endpoint)),
            "parameters": .array(parameters(endpoint)),
            "responses": responses(endpoint),
            "security": security(endpoint),
        ]
        if let request = endpoint.request {
            fields["requestBody"] = [
                "required": true,
                "content": ["application/json": ["schema": request.jsonSchema]],
            ]
        }
        if let form = endpoint.form {
            fields["requestBody"] = [
                "required": true,
                "content": ["multipart/form-data": ["schema": form.jsonSchema]],
            ]
        }
        return .object(fields)
    }

    /// The scope of the token that is needed where tokens are asked for.
    private static func security(_ endpoint: Endpoint) -> Value {
        guard case .scope(let scope) = endpoint.access else { return [] }
        return [["token": [.string(scope.rawValue)]]]
    }

    /// `GET /v1/runs/{id}/events` is `get_v1_runs_id_events`.
    private static func operationID(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split { !$0.isLetter && !$0.isNumber }
        return ([endpoint.method.rawValue.lowercased()] + words.map(String.init))
            .joined(separator: "_")
    }

    private static func parameters(_ endpoint: Endpoint) -> [Value] {
        let names = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }
        var list: [Value] = names.map { name in
            [
                "name": .string(String(name.dropFirst().dropLast())), "in": "path",
                "required": true, "schema": ["type": "string"],
            ]
        }
        list += endpoint.query.map { field in
            [
                "name": .string(field.name), "in": "query",
                "required": .bool(field.presence == .required),
                "description": .string(field.meaning), "schema": field.schema.jsonSchema,
            ]
        }
        if endpoint.creates {
            list.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same key and request give the same reply, done once.",
                "schema": ["type": "string", "minLength": 1, "maxLength": 255],
            ])
        }
        return list
    }

    private static func responses(_ endpoint: Endpoint) -> Value {
        let content: Value =
            switch endpoint.reply {
            case .json(let schema): ["application/json": ["schema": schema.jsonSchema]]
            case .content(let type): [type: [:]]
            }
        var responses: [String: Value] = [
            String(endpoint.status): ["description": "Done.", "content": content]
        ]
        for other in endpoint.alternatives {
            responses[String(other.status)] = [
                "description": .string(other.meaning),
                "content": ["application/json": ["schema": other.schema.jsonSchema]],
            ]
        }
        var codes = endpoint.errors
        if case .scope = endpoint.access { codes += [.unauthorized, .forbidden, .rateLimited] }
        if endpoint.request != nil || endpoint.form != nil || !endpoint.query.isEmpty {
            codes.append(.invalidRequest)
        }
        for (status, group) in Dictionary(grouping: codes, by: \.status) {
            let names = Set(group.map(\.rawValue)).sorted().joined(separator: ", ")
            responses[String(status)] = error("Refused: \(names).")
        }
        if endpoint.request != nil { responses["415"] = error("The body is not JSON.") }
        responses["default"] = error("Any other failure.")
        return .object(responses)
    }

    private static func error(_ description: String) -> Value {
        [
            "description": .string(description),
            "content": ["application/json": ["schema": ErrorBody.schema.jsonSchema]],
        ]
    }
}
