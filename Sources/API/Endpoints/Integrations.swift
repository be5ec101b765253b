import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Annotation tools, in their own shapes.
    static let integrations: [Endpoint] = [
        health("/integrations/label-studio"),
        health("/integrations/label-studio/health"),
        Endpoint(
            .post,
            "/integrations/label-studio/setup",
            "Label Studio connects its ML backend.",
            needs: .annotate,
            request: .openObject([]),
            reply: .json(.openObject([]))
        ) { call in try call.reply(["model_version": modelVersion]) },
        Endpoint(
            .post,
            "/integrations/label-studio/predict",
            "Label Studio asks for predictions: there are none, people judge.",
            needs: .annotate,
            request: .openObject([]),
            reply: .json(.openObject([])),
            maxBodyBytes: 64 << 20
        ) { call in
            let count = call.body["tasks"]?.arrayValue?.count ?? 0
            // A list for each task: an object would be kept as a prediction, be it empty.
            let results = Value.object(["results": .array(Array(repeating: [], count: count))])
            return .json(Data(JSONText.text(results).utf8))
        },
        webhook("/integrations/label-studio/webhook"),
        webhook("/integrations/label-studio/train"),
        Endpoint(
            .post,
            "/integrations/argilla/webhook",
            "Argilla tells what happened to a response; its signature is checked.",
            needs: .signed,
            request: .openObject([]),
            reply: .json(.openObject([])),
            errors: [.unauthorized, .forbidden],
            maxBodyBytes: 16 << 20
        ) { call in
            guard let secret = call.context.argillaSecret else {
                throw HoneError(
                    .forbidden,
                    "Argilla's events are not taken: set argilla_secret in the configuration"
                )
            }
            try secret.verify(call.request, at: Date())
            let stored = try await take(ArgillaEvent(call.body), call.control.feedback)
            return .json(Data(JSONText.text(["result": .array(stored), "status": "ok"]).utf8))
        },
        Endpoint(
            .post,
            "/integrations/label-studio/tasks",
            "Take comparisons as tasks to import into a Label Studio project with <Pairwise>.",
            needs: .annotate,
            request: LeaseRequest.schema,
            reply: .json(.list(.openObject([]))),
            errors: [.unknownRun],
            creates: true
        ) { call in
            .json(
                Data(
                    JSONText.text(
                        .array(try await leases(call).map(LabelStudioTask.init).map(\.json))
                    ).utf8
                )
            )
        },
    ]

    private static let modelVersion = "hone"

    private static func health(_ path: String) -> Endpoint {
        Endpoint(
            .get,
            path,
            "Label Studio asks whether its ML backend is there.",
            needs: .annotate,
            reply: .json(.openObject([]))
        ) { call in try call.reply(["status": "UP", "model_class": modelVersion]) }
    }

    private static func webhook(_ path: String) -> Endpoint {
        Endpoint(
            .post,
            path,
            "Label Studio tells what happened to an annotation; delivered again it changes nothing.",
            needs: .annotate,
            request: .openObject([]),
            status: 201,
            reply: .json(.openObject([])),
            alternatives: [
                .init(status: 200, meaning: "An event of no use here.", schema: .openObject([]))
            ],
            maxBodyBytes: 16 << 20
        ) { call in
            try call.requireAnySpeaker()
            let event = try LabelStudioEvent(call.body)
            guard LabelStudioEvent.actions.contains(event.action) else {
                return try call.reply(["status": "Unknown event"])
            }
            let stored = try await take(event.verdicts, call.control.feedback)
            let text = JSONText.text(["result": .array(stored), "status": "ok"])
            return .json(Data(text.utf8), status: 201)
        }
    }

    /// Does what an event of Argilla says, unless a newer one has been taken: one that is delivered late,
    /// or recorded and sent again, changes nothing.
    private static func take(
        _ event: ArgillaEvent,
        _ desk: FeedbackDesk
    ) async throws(HoneError) -> [Value] {
        if let response = event.response, let time = event.time {
            let isNews = try await desk.store.admitsChange(
                source: ArgillaEvent.source,
                externalID: response,
                time: time
            )
            if !isNews { return [] }
        }
        return try await take(event.verdicts, desk)
    }

    /// Does what a tool's event says; the ids of the verdicts that stand now.
    static func take(
        _ verdicts: [OutsideVerdict],
        _ desk: FeedbackDesk
    ) async throws(HoneError) -> [Value] {
        var stored: [Value] = []
        for verdict in verdicts {
            switch verdict {
            case .given(let item, let lease):
                stored.append(.integer(try await desk.take(NewFeedback(item), lease: lease).id))
            case .withdrawn(let source, let id):
                try await desk.withdraw(source: source, externalID: id)
            case .limited(let source, let id, let count):
                try await desk.withdraw(source: source, externalID: id, from: count)
            }
        }
        return stored
    }
}
