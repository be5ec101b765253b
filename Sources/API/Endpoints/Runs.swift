import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Runs and what can be done to them.
    static let runs: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/runs",
            "Queue a run; the same name and spec gives the run that exists.",
            needs: .train,
            query: [
                .field(
                    "validate",
                    .bool,
                    default: false,
                    "Only say what is wrong and what it would take (200)."
                )
            ],
            request: RunSpecSchema.schema,
            status: 202,
            reply: .json(RunObject.schema),
            alternatives: [
                .init(
                    status: 200,
                    meaning: "The run that exists, or what `validate` found.",
                    schema: .oneOf([RunObject.schema, ValidationObject.schema])
                )
            ],
            errors: [.invalidSpec, .alreadyExists, .conflict, .diskFull],
            creates: true,
            maxBodyBytes: 64 << 20
        ) { call in
            if call.query["validate"]?.boolValue == true { return try await validate(call) }
            let spec = try RunSpecReader.read(call.body)
            let document = String(decoding: call.request.body, as: UTF8.self)
            return try submitted(try await call.control.submit(spec, document: document), call)
        },
        Endpoint(
            .get,
            "/v1/runs",
            "Runs in the order they were made.",
            needs: .read,
            query: [
                .optional("after", .text, "The id of the last run of the page before."), limit,
                .optional(
                    "state",
                    .choice(RunState.allCases.map { $0.rawValue }),
                    "Runs in this state only."
                ),
            ],
            reply: .json(.page(of: RunObject.schema))
        ) { call in
            let page = try await call.control.runs(
                after: call.query["after"]?.stringValue,
                limit: call.limit,
                state: call.query["state"]?.stringValue.flatMap(RunState.init)
            )
            return try call.reply(ListPage(page.items.map(RunObject.init), hasMore: page.hasMore))
        },
        Endpoint(
            .get,
            "/v1/runs/{id}",
            "One run, by id or name.",
            needs: .read,
            reply: .json(RunObject.schema),
            errors: [.unknownRun]
        ) { call in
            let id = call.parameter("id")
            // Before the run itself: what happens between the two is told by an event as well.
            let last = try await call.control.newestEvents(run: id, before: nil, limit: 1)
            var run = RunObject(try await call.control.findRun(id))
            run.lastEvent = last.items.first?.id
            let curves = try await call.control.rewardCurves(run.id)
            if !curves.isEmpty { run.overoptimisation = curves.map(RewardCurveObject.init) }
            return try call.reply(run)
        },
        Endpoint(
            .delete,
            "/v1/runs/{id}",
            "Remove a final or queued run with all that belongs to it; its published model stays.",
            needs: .train,
            reply: .json(DeletedObject.schema),
            errors: [.unknownRun, .conflict]
        ) { call in
            try await call.control.deleteRun(call.parameter("id"))
            return try call.reply(DeletedObject(id: call.parameter("id"), object: "run"))
        },
        onRun(.post, "/pause", "Stop at the next unit of work until resumed.") {
            try await $0.pause($1)
        },
        onRun(.post, "/resume", "Queue a paused, failed or cancelled run again.") {
            try await $0.resume($1)
        },
        onRun(.post, "/cancel", "End at the next unit of work.") { try await $0.cancel($1) },
        Endpoint(
            .post,
            "/v1/runs/{id}/fork",
            "Queue a run that goes on from a checkpoint with a changed spec.",
            needs: .train,
            request: ForkRequest.schema,
            status: 202,
            reply: .json(RunObject.schema),
            alternatives: [
                .init(status: 200, meaning: "The run that exists.", schema: RunObject.schema)
            ],
            errors: [.invalidSpec, .unknownRun, .notFound, .alreadyExists],
            creates: true
        ) { call in
            let request = try ForkRequest(call.body)
            let parent = try await call.control.findRun(call.parameter("id"))
            let changed = request.changed(parent.spec)
            let submission = try await call.control.fork(
                from: "\(parent.id)@\(request.iteration)",
                spec: try RunSpecReader.read(changed),
                document: JSONText.text(changed, pretty: true)
            )
            return try submitted(submission, call)
        },
    ]

    private static func onRun(
        _ method: HTTPMethod,
        _ action: String,
        _ summary: String,
        _ perform:
            @escaping @Sendable (any ControlService, String) async throws -> RunRecord
    ) -> Endpoint {
        Endpoint(
            method,
            "/v1/runs/{id}\(action)",
            summary,
            needs: .train,
            reply: .json(RunObject.schema),
            errors: [.unknownRun, .conflict]
        ) { call in
            try call.reply(RunObject(try await perform(call.control, call.parameter("id"))))
        }
    }

    private static func validate(_ call: EndpointCall) async throws -> HTTPResponse {
        let spec: RunSpec
        do throws(Faults) {
            spec = try RunSpecReader.read(call.body)
        } catch {
            return try call.reply(ValidationObject(faults: error.list))
        }
        return try call.reply(ValidationObject(try await call.control.validate(spec)))
    }

    private static func submitted(
        _ submission: Submission,
        _ call: EndpointCall
    ) throws -> HTTPResponse {
        let record: RunRecord
        let status: Int
        switch submission {
        case .created(let run): (record, status) = (run, 202)
        case .existing(let run): (record, status) = (run, 200)
        case .refused(let report): throw Faults(report.faults)
        }
        var response = try call.reply(RunObject(record), status: status)
        response.headers["location"] = "/v1/runs/\(record.id)"
        return response
    }
}
