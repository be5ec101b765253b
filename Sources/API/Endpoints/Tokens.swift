import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Who may ask.
    static let tokens: [Endpoint] = [
        // No Idempotency-Key: the reply, which is kept for one, holds the token's text.
        Endpoint(
            .post,
            "/v1/tokens",
            "Make a token; its text is in this reply and nowhere else.",
            needs: .admin,
            request: TokenRequest.schema,
            status: 201,
            reply: .json(TokenObject.schema),
            errors: [.alreadyExists, .diskFull]
        ) { call in
            let request = try TokenRequest(call.body)
            let (record, text) = try await call.control.tokens.create(NewToken(request))
            try await call.context.gate.reload()
            var object = TokenObject(record)
            object.token = text
            var response = try call.reply(object, status: 201)
            response.headers["cache-control"] = "no-store"
            return response
        },
        Endpoint(
            .get,
            "/v1/tokens",
            "Every token there ever was, oldest first, without its text.",
            needs: .admin,
            reply: .json(.page(of: TokenObject.schema))
        ) { call in
            try call.reply(ListPage(try await call.control.tokens.all().map(TokenObject.init)))
        },
        Endpoint(
            .delete,
            "/v1/tokens/{id}",
            "Revoke a token by its id or name: it opens nothing from now on, and its streams end.",
            needs: .admin,
            reply: .json(TokenObject.schema),
            errors: [.notFound]
        ) { call in
            let record = try await call.control.tokens.revoke(call.parameter("id"))
            try await call.context.gate.reload()
            return try call.reply(TokenObject(record))
        },
    ]
}
