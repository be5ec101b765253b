import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Sampling, and what was sampled.
    static let rollouts: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/rollouts",
            "Draw completions; answers when all are done.",
            needs: .generate,
            request: RolloutsRequest.schema,
            reply: .json(.page(of: RolloutObject.schema)),
            errors: [.unknownModel, .unknownRun, .promptTooLong, .workerLost, .deadlineExceeded],
            creates: true,
            maxBodyBytes: 64 << 20,
            endsWithClient: true
        ) { call in
            let request = try SampleRequest(RolloutsRequest(call.body))
            let objects = RolloutObject.list(try await call.control.sample(request))
            call.charge(
                tokens: objects.reduce(0) { $0 + $1.tokens.count + $1.promptTokens.count }
            )
            return try call.reply(ListPage(objects))
        },
        Endpoint(
            .get,
            "/v1/rollouts",
            "Stored rollouts, oldest first.",
            needs: .read,
            query: rolloutQuery + [.optional("run", .text, "A run's id or name.")],
            reply: .json(.page(of: RolloutObject.schema)),
            errors: [.unknownRun]
        ) { call in
            try call.reply(try await stored(call, run: call.query["run"]?.stringValue))
        },
        Endpoint(
            .get,
            "/v1/rollouts/{id}",
            "One stored rollout.",
            needs: .read,
            reply: .json(RolloutObject.schema),
            errors: [.unknownRollout]
        ) { call in
            guard let id = Int(call.parameter("id")) else {
                let message = "a rollout's id is a number, not \"\(call.parameter("id"))\""
                throw HoneError(.unknownRollout, message, param: "id")
            }
            return try call.reply(RolloutObject(try await call.control.rollout(id)))
        },
    ]

    static let rolloutQuery: [FieldDescription] =
        pageQuery + [
            .optional("iteration", .count, "Of this iteration only."),
            .optional(
                "purpose",
                .choice(RolloutRecord.Purpose.allCases.map { $0.rawValue }),
                "Made for this only."
            ),
        ]

    static func stored(
        _ call: EndpointCall,
        run: String?
    ) async throws(HoneError) -> ListPage<RolloutObject> {
        let page = try await call.control.rollouts(
            run: run,
            iteration: call.query["iteration"]?.integerValue,
            purpose: call.query["purpose"]?.stringValue.flatMap(RolloutRecord.Purpose.init),
            after: call.query["after"]?.integerValue,
            limit: call.limit
        )
        return ListPage(page.items.map(RolloutObject.init), hasMore: page.hasMore)
    }
}
