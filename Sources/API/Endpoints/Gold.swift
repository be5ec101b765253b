import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Comparisons whose answer is known, which measure how often annotators are right.
    static let gold: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/annotations/gold",
            "Mix comparisons whose answer is known into what people are asked; answered when on disk.",
            needs: .train,
            request: GoldRequest.schema,
            status: 201,
            reply: .json(.page(of: GoldObject.schema)),
            errors: [.unknownRun, .diskFull],
            creates: true,
            maxBodyBytes: 64 << 20
        ) { call in
            let request = try GoldRequest(call.body)
            let items = request.items.map(NewGoldItem.init)
            let kept = try await call.control.feedback.keepGold(
                items,
                run: request.run,
                origin: call.origin
            )
            return try call.reply(ListPage(kept.map(GoldObject.init)), status: 201)
        },
        Endpoint(
            .get,
            "/v1/annotations/gold",
            "Comparisons whose answer is known, and how often they were answered rightly.",
            needs: .train,
            query: [
                .optional("run", .text, "Of this run only, by id or name."),
                .optional("after", .count, "The id of the last one of the page before."),
                limit,
            ],
            reply: .json(.page(of: GoldObject.schema)),
            errors: [.unknownRun]
        ) { call in
            var run = call.query["run"]?.stringValue
            if let name = run { run = try await call.control.feedback.run(name) }
            let page = try await call.control.feedback.store.goldItems(
                run: run,
                after: call.query["after"]?.integerValue,
                limit: call.limit
            )
            return try call.reply(ListPage(page.items.map(GoldObject.init), hasMore: page.hasMore))
        },
        Endpoint(
            .delete,
            "/v1/annotations/gold/{id}",
            "End the handing out of one; what it told of annotators stays.",
            needs: .train,
            reply: .json(DeletedObject.schema),
            errors: [.notFound]
        ) { call in
            try await call.control.feedback.store.closeGold(number(call))
            return try call.reply(
                DeletedObject(id: call.parameter("id"), object: "annotation.gold")
            )
        },
    ]
}
