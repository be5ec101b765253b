import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// What people said.
    static let feedback: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/feedback",
            "Give in one verdict or a list, all or none; answered when they are on disk.",
            needs: .annotate,
            request: FeedbackRequest.schema,
            status: 201,
            reply: .json(
                .oneOf([
                    .page(of: FeedbackReceiptObject.schema), FeedbackObject.schema,
                ])
            ),
            errors: [.unknownRun, .unknownRollout, .diskFull],
            creates: true,
            maxBodyBytes: 64 << 20
        ) { call in
            let request = try FeedbackRequest(call.body)
            let receipts = try await call.control.feedback.submit(spoken(request.items, call))
            guard request.isList else {
                let stored = try await call.control.feedback.store.feedback(receipts[0].id)
                guard call.owns(stored.content.annotator) else { throw foreignOrigin }
                return try call.reply(
                    FeedbackObject(stored),
                    status: receipts[0].isDuplicate ? 200 : 201
                )
            }
            let objects = receipts.map {
                FeedbackReceiptObject(id: $0.id, duplicate: $0.isDuplicate)
            }
            return try call.reply(ListPage(objects), status: 201)
        },
        Endpoint(
            .get,
            "/v1/feedback",
            "Verdicts in the order they came, or as lines of a data file.",
            needs: .annotate,
            query: [
                .optional("run", .text, "Of this run only, by id or name."),
                .optional("iteration", .count, "Of this iteration only."),
                .optional(
                    "kind",
                    .choice(Verdict.Kind.allCases.map { $0.rawValue }),
                    "Of this kind only."
                ),
                .optional("annotator", .text, "By this annotator only."),
                .optional("source", .text, "That came through this only."),
                .field("withdrawn", .bool, default: false, "With those taken back."),
                .field(
                    "format",
                    .choice(["objects"] + FeedbackFormat.allCases.map { $0.rawValue }),
                    default: "objects",
                    "`objects` pages through them; the others are whole files, one JSON value a line."
                ),
                .optional("after", .count, "The id of the last one of the page before."),
                limit,
            ],
            reply: .json(.page(of: FeedbackObject.schema)),
            errors: [.unknownRun]
        ) { call in
            if let format = call.query["format"]?.stringValue.flatMap(FeedbackFormat.init) {
                return try await file(call, format)
            }
            let page = try await records(
                call,
                after: call.query["after"]?.integerValue,
                limit: call.limit
            )
            return try call.reply(
                ListPage(page.items.map(FeedbackObject.init), hasMore: page.hasMore)
            )
        },
        Endpoint(
            .get,
            "/v1/feedback/{id}",
            "One verdict, with what learned from it.",
            needs: .annotate,
            reply: .json(FeedbackObject.schema),
            errors: [.notFound]
        ) { call in
            try call.reply(FeedbackObject(try await own(call)))
        },
        Endpoint(
            .post,
            "/v1/feedback/{id}",
            "Correct a verdict: the reply is the new one, the old one is kept as taken back.",
            needs: .annotate,
            request: FeedbackCorrection.schema,
            reply: .json(FeedbackObject.schema),
            errors: [.notFound, .conflict]
        ) { call in
            let correction = try FeedbackCorrection(call.body)
            let store = call.control.feedback.store
            let old = try await own(call)
            let verdict = try Verdict.read(
                old.content.verdict.kind,
                correction.value,
                strength: correction.strength,
                count: old.content.subjects.count,
                path: "$"
            )
            let new = try await store.correctFeedback(
                old.id,
                verdict: verdict,
                rationale: correction.rationale
            )
            return try call.reply(FeedbackObject(new))
        },
        withdrawal(.post, "/v1/feedback/{id}/withdraw"),
        withdrawal(.delete, "/v1/feedback/{id}"),
        Endpoint(
            .get,
            "/v1/annotators",
            "Who judged, and how well they agree with others.",
            needs: .read,
            query: [.optional("run", .text, "Of this run only, by id or name.")],
            reply: .json(.page(of: AnnotatorObject.schema)),
            errors: [.unknownRun]
        ) { call in
            let list = try await call.control.feedback.agreement(
                run: call.query["run"]?.stringValue
            )
            return try call.reply(ListPage(list.map(AnnotatorObject.init)))
        },
        Endpoint(
            .delete,
            "/v1/annotators/{name}",
            "Forget who an annotator was: their verdicts stay, without name and rationale.",
            needs: .admin,
            reply: .json(ErasedObject.schema),
            errors: []
        ) { call in
            let name = call.parameter("name")
            let count = try await call.control.feedback.store.eraseAnnotator(name)
            return try call.reply(ErasedObject(id: name, verdicts: count))
        },
    ]

    private static func withdrawal(_ method: HTTPMethod, _ path: String) -> Endpoint {
        Endpoint(
            method,
            path,
            "Take a verdict back: nothing further is learned from it.",
            needs: .annotate,
            reply: .json(FeedbackObject.schema),
            errors: [.notFound]
        ) { call in
            let id = try await own(call).id
            let record = try await call.control.feedback.store.withdrawFeedback(id)
            return try call.reply(FeedbackObject(record))
        }
    }

    /// The verdict in the path, if it is the caller's: others do not exist for them.
    private static func own(_ call: EndpointCall) async throws(HoneError) -> FeedbackRecord {
        let id = try number(call)
        let record = try await call.control.feedback.store.feedback(id)
        guard call.owns(record.content.annotator) else { throw DataStore.noFeedback(id) }
        return record
    }

    /// The verdicts in the name of whom the caller speaks for.
    private static func spoken(
        _ items: [FeedbackRequest.Item],
        _ call: EndpointCall
    ) throws(HoneError) -> [NewFeedback] {
        var verdicts: [NewFeedback] = []
        for (place, item) in items.enumerated() {
            var verdict = NewFeedback(item)
            verdict.annotator = try call.speaker(item.annotator)
            // The key's request may have died after it was stored: its retry finds it by this.
            verdict.externalID = verdict.externalID ?? call.origin.map { "\($0)/\(place)" }
            verdicts.append(verdict)
        }
        return verdicts
    }

    private static let foreignOrigin = HoneError(
        .conflict,
        "another verdict has this source and external_id",
        param: "external_id"
    )

    /// A file of all the verdicts that are asked for, sent as it is read: it may be of any length.
    private static func file(
        _ call: EndpointCall,
        _ format: FeedbackFormat
    ) async throws -> HTTPResponse {
        // The first page is read before the reply begins, while an error can still be its status.
        let first = try await records(call, after: nil, limit: itemsOfAPiece)
        return HTTPResponse(
            headers: ["content-type": "application/jsonl"],
            body: .stream { writer in
                var page = first
                while true {
                    let verdicts = page.items.map(FeedbackObject.init)
                    try await writer.write(try FeedbackFile.text(verdicts, format))
                    guard page.hasMore, let last = page.items.last else { return }
                    page = try await records(call, after: last.id, limit: itemsOfAPiece)
                }
            }
        )
    }

    /// Verdicts that are read at once for a file.
    private static let itemsOfAPiece = 500

    private static func records(
        _ call: EndpointCall,
        after id: Int?,
        limit: Int
    ) async throws(HoneError) -> Page<FeedbackRecord> {
        let store = call.control.feedback.store
        let asked = call.query["annotator"]?.stringValue
        if let asked, !call.owns(asked) { return Page(items: [], hasMore: false) }
        let annotator = call.caller?.annotator ?? asked
        let run: String? =
            if let run = call.query["run"]?.stringValue {
                try await call.control.feedback.run(run)
            } else {
                nil
            }
        return try await store.feedback(
            run: run,
            iteration: call.query["iteration"]?.integerValue,
            kinds: call.query["kind"]?.stringValue.flatMap(Verdict.Kind.init).map { [$0] } ?? [],
            annotator: annotator,
            source: call.query["source"]?.stringValue,
            includesWithdrawn: call.query["withdrawn"]?.boolValue ?? false,
            after: id,
            limit: limit
        )
    }
}
