import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Evaluations of models and rewards.
    static let evaluations: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/evaluations",
            "Ask for an evaluation of models on prompts, or of rewards on pairs or items.",
            needs: .train,
            request: EvaluationsRequest.schema,
            status: 202,
            reply: .json(EvaluationObject.schema),
            errors: [
                .unknownModel, .unknownReward, .notFound, .emptyData, .invalidData,
                .vocabularyMismatch,
            ],
            creates: true,
            maxBodyBytes: 64 << 20
        ) { call in
            let request = try EvaluationsRequest(call.body)
            let record = try await call.control.submit(
                request.order,
                origin: call.origin
            )
            var response = try call.reply(EvaluationObject(record), status: 202)
            response.headers["location"] = "/v1/evaluations/\(record.id)"
            return response
        },
        Endpoint(
            .get,
            "/v1/evaluations",
            "Evaluations in the order they were asked for.",
            needs: .read,
            query: [
                .optional("after", .text, "The id of the last evaluation of the page before."),
                limit,
            ],
            reply: .json(.page(of: EvaluationObject.schema)),
            errors: [.notFound]
        ) { call in
            let page = try await call.control.evaluations(
                after: call.query["after"]?.stringValue,
                limit: call.limit
            )
            return try call.reply(
                ListPage(page.items.map(EvaluationObject.init), hasMore: page.hasMore)
            )
        },
        Endpoint(
            .get,
            "/v1/evaluations/{id}",
            "One evaluation, with its result when it is done.",
            needs: .read,
            reply: .json(EvaluationObject.schema),
            errors: [.notFound]
        ) { call in
            try call.reply(
                EvaluationObject(try await call.control.evaluation(call.parameter("id")))
            )
        },
        Endpoint(
            .post,
            "/v1/evaluations/{id}/cancel",
            "End an evaluation that waits or is under way.",
            needs: .train,
            reply: .json(EvaluationObject.schema),
            errors: [.notFound, .conflict]
        ) { call in
            try call.reply(
                EvaluationObject(try await call.control.cancelEvaluation(call.parameter("id")))
            )
        },
        Endpoint(
            .delete,
            "/v1/evaluations/{id}",
            "Remove an evaluation; one that is under way is ended.",
            needs: .train,
            reply: .json(DeletedObject.schema),
            errors: [.notFound]
        ) { call in
            try await call.control.deleteEvaluation(call.parameter("id"))
            return try call.reply(
                DeletedObject(id: call.parameter("id"), object: "evaluation")
            )
        },
    ]
}
