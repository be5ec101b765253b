import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// The last event of a stream that ends before its run does: go on from the same id later.
    private static func farewell(
        after last: EventObject?,
        run: String
    ) throws(HoneError) -> ServerSentEvent {
        let event = EventObject(
            id: last?.id ?? 0,
            run: last?.run ?? run,
            kind: "log",
            time: Date().timeIntervalSince1970,
            data: ["message": "the server ends; the run goes on at its next start"]
        )
        let data = String(decoding: try JSONText.encode(event), as: UTF8.self)
        return ServerSentEvent(data: data, event: "shutdown", retryMilliseconds: 2000)
    }

    /// What a run has done so far.
    static let runDetails: [Endpoint] = [
        Endpoint(
            .get,
            "/v1/runs/{id}/events",
            "What happened and happens, as server-sent events; ends when the run has.",
            needs: .read,
            query: [.optional("after", .count, "Events after this id; Last-Event-ID wins.")],
            reply: .content("text/event-stream"),
            errors: [.unknownRun]
        ) { call in
            let after = try lastEventID(call)
            let events = try await call.control.events(run: call.parameter("id"), after: after)
            return .events(endsItself: true) { writer in
                var last: EventObject?
                for await event in events {
                    last = EventObject(event)
                    let data = try JSONText.encode(EventObject(event))
                    try await writer.send(
                        ServerSentEvent(
                            data: String(decoding: data, as: UTF8.self),
                            event: event.kind,
                            id: String(event.id)
                        )
                    )
                }
                guard call.control.hasEndedEvents else { return }
                try await writer.send(farewell(after: last, run: call.parameter("id")))
            }
        },
        detail(
            "/metrics",
            "Metrics by iteration.",
            IterationObject.schema,
            query: [
                .optional("names", .text, "These metrics only, with commas between: policy/kl,…")
            ]
        ) { call, run in
            let names = call.query["names"]?.stringValue
                .map { Set($0.split(separator: ",").map(String.init)) }
            return ListPage(
                try await call.control.metrics(run).map { record in
                    var object = IterationObject(record)
                    if let names {
                        object.metrics = object.metrics.filter { names.contains($0.key) }
                    }
                    return object
                }
            )
        },
        detail("/checkpoints", "Checkpoints, oldest first.", CheckpointObject.schema) { call, run in
            let name = try await call.control.findRun(run).name
            return ListPage(
                try await call.control.checkpoints(run).map { CheckpointObject($0, runName: name) }
            )
        },
        detail("/lineage", "Which verdicts each iteration learned from.", LineageObject.schema) {
            call,
            run in
            let record = try await call.control.findRun(run)
            let checkpoints = try await call.control.checkpoints(run)
            let uses = try await call.control.feedback.store.feedbackUses(run: record.id)
            return ListPage(
                uses.keys.sorted().map { iteration in
                    LineageObject(
                        iteration: iteration,
                        feedback: uses[iteration] ?? [],
                        checkpoints: checkpoints.filter { $0.iteration >= iteration }
                            .map { "\(record.name)@\($0.iteration)" }
                    )
                }
            )
        },
        detail(
            "/rollouts",
            "Its rollouts, oldest first.",
            RolloutObject.schema,
            query: rolloutQuery
        ) { call, run in
            try await stored(call, run: run)
        },
        detail(
            "/pairs",
            "Its preference pairs, oldest first.",
            PairObject.schema,
            query: pageQuery + [.optional("iteration", .count, "Of this iteration only.")]
        ) { call, run in
            let page = try await call.control.pairs(
                run: run,
                iteration: call.query["iteration"]?.integerValue,
                after: call.query["after"]?.integerValue,
                limit: call.limit
            )
            return ListPage(page.items.map(PairObject.init), hasMore: page.hasMore)
        },
    ]

    private static func detail<Element: Codable & Sendable>(
        _ name: String,
        _ summary: String,
        _ schema: Schema,
        query: [FieldDescription] = [],
        _ list:
            @escaping @Sendable (EndpointCall, String) async throws -> ListPage<Element>
    ) -> Endpoint {
        Endpoint(
            .get,
            "/v1/runs/{id}\(name)",
            summary,
            needs: .read,
            query: query,
            reply: .json(.page(of: schema)),
            errors: [.unknownRun]
        ) { call in
            try call.reply(try await list(call, call.parameter("id")))
        }
    }

    private static func lastEventID(_ call: EndpointCall) throws(HoneError) -> Int {
        guard let header = call.request.headers["last-event-id"], !header.isEmpty else {
            return call.query["after"]?.integerValue ?? 0
        }
        guard let id = Int(header), id >= 0 else {
            throw HoneError(
                .invalidRequest,
                "Last-Event-ID must be the id of an event of this run, a number",
                param: "Last-Event-ID"
            )
        }
        return id
    }
}
