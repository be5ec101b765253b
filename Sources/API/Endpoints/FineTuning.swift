import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    private static let listQuery: [FieldDescription] = [
        .optional("after", .text, "The id of the last element of the page before."),
        .field("limit", .integer(1...1000), default: 20, "The most elements of one page."),
    ]

    /// Runs as OpenAI's fine-tuning jobs.
    static let fineTuning: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/fine_tuning/jobs",
            "Queue a fine-tuning job: a run made of an uploaded file and a method.",
            needs: .train,
            request: FineTuningRequest.schema,
            reply: .json(FineTuningJobObject.schema),
            errors: [.unknownModel, .notFound, .invalidData, .emptyData, .invalidSpec],
            creates: true
        ) { call in
            try await created(FineTuningRequest(call.body), call)
        },
        Endpoint(
            .get,
            "/v1/fine_tuning/jobs",
            "Fine-tuning jobs, the newest first.",
            needs: .read,
            query: listQuery,
            reply: .json(.page(of: FineTuningJobObject.schema)),
            errors: [.notFound]
        ) { call in
            let page = try await call.control.jobs(
                after: call.query["after"]?.stringValue,
                limit: call.limit
            )
            var jobs: [Value] = []
            for job in page.items { jobs.append(try await shown(job, call).value) }
            return try call.reply(ListPage(jobs, hasMore: page.hasMore))
        },
        Endpoint(
            .get,
            "/v1/fine_tuning/jobs/{id}",
            "One fine-tuning job.",
            needs: .read,
            reply: .json(FineTuningJobObject.schema),
            errors: [.notFound]
        ) { call in
            try await reply(call)
        },
        onJob("/cancel", "End at the next unit of work.") { try await $0.cancel($1) },
        onJob("/pause", "Stop at the next unit of work until resumed.") {
            try await $0.pause($1)
        },
        onJob("/resume", "Queue a paused, failed or cancelled job again.") {
            try await $0.resume($1)
        },
        Endpoint(
            .get,
            "/v1/fine_tuning/jobs/{id}/events",
            "What has happened, the newest first.",
            needs: .read,
            query: listQuery,
            reply: .json(.page(of: FineTuningEventObject.schema)),
            errors: [.notFound]
        ) { call in
            let job = try await call.control.job(call.parameter("id"))
            let after = call.query["after"]?.stringValue
            let number = after.flatMap(FineTuningEventObject.number)
            if let after, number == nil {
                throw HoneError(.notFound, "there is no event \"\(after)\"", param: "after")
            }
            let page = try await call.control.newestEvents(
                run: job.run.id,
                before: number,
                limit: call.limit
            )
            let events = page.items.map {
                FineTuningEventObject(
                    id: $0.id,
                    kind: $0.kind,
                    createdAt: $0.time.unixSeconds,
                    payload: $0.payload
                )
            }
            return try call.reply(ListPage(events, hasMore: page.hasMore))
        },
        Endpoint(
            .get,
            "/v1/fine_tuning/jobs/{id}/checkpoints",
            "The checkpoints that are kept, the newest first.",
            needs: .read,
            query: listQuery,
            reply: .json(.page(of: FineTuningCheckpointObject.schema)),
            errors: [.notFound]
        ) { call in
            try await checkpoints(call)
        },
    ]

    private static func onJob(
        _ action: String,
        _ summary: String,
        _ perform: @escaping @Sendable (any ControlService, String) async throws -> RunRecord
    ) -> Endpoint {
        Endpoint(
            .post,
            "/v1/fine_tuning/jobs/{id}\(action)",
            summary,
            needs: .train,
            reply: .json(FineTuningJobObject.schema),
            errors: [.notFound, .conflict]
        ) { call in
            let job = try await call.control.job(call.parameter("id"))
            _ = try await perform(call.control, job.run.id)
            return try await reply(call)
        }
    }

    private static func created(
        _ request: FineTuningRequest,
        _ call: EndpointCall
    ) async throws -> HTTPResponse {
        let submission = try await call.control.createJob(
            FineTuningOrder(
                model: request.model,
                trainingFile: request.trainingFile,
                validationFile: request.validationFile,
                learnsEveryTurn: request.method == .supervised
            ),
            origin: call.origin
        ) { inputs in
            FineTuningPlan(
                spec: try request.spec(inputs),
                request: request.shown(inputs)
            )
        }
        switch submission {
        case .created(let job): return .json(JSONText.data(try await shown(job, call).value))
        case .refused(let report): throw Faults(report.faults.map(request.located))
        }
    }

    private static func reply(_ call: EndpointCall) async throws -> HTTPResponse {
        let job = try await call.control.job(call.parameter("id"))
        return .json(JSONText.data(try await shown(job, call).value))
    }

    private static func shown(
        _ job: FineTuningJobRecord,
        _ call: EndpointCall
    ) async throws -> FineTuningJobObject {
        var object = FineTuningJobObject(
            id: job.id,
            request: job.request,
            state: job.run.state,
            createdAt: job.run.createdAt.unixSeconds
        )
        object.finishedAt = job.run.finishedAt?.unixSeconds
        object.error = job.run.state == .failed ? job.run.error : nil
        guard job.run.state == .succeeded else { return object }
        object.fineTunedModel = job.run.spec.publishAs
        object.trainedTokens = try await trainedTokens(job.run, call.control)
        return object
    }

    /// The tokens of all steps, where every iteration has equally many steps: `update/tokens` is
    /// their mean.
    private static func trainedTokens(
        _ run: RunRecord,
        _ control: any ControlService
    ) async throws -> Int? {
        guard run.spec.kind != .online, run.iteration > 0,
            run.policyVersion % run.iteration == 0
        else { return nil }
        let means = try await control.metrics(run.id).compactMap { $0.metrics["update/tokens"] }
        guard means.count == run.iteration else { return nil }
        let total = means.reduce(0, +) * Double(run.policyVersion / run.iteration)
        return Int(exactly: total.rounded())
    }

    private static func checkpoints(_ call: EndpointCall) async throws -> HTTPResponse {
        let job = try await call.control.job(call.parameter("id"))
        let metrics = Dictionary(
            try await call.control.metrics(job.run.id).map { ($0.iteration, $0.metrics) }
        ) { first, _ in first }
        let all = try await call.control.checkpoints(job.run.id).reversed().map {
            FineTuningCheckpointObject(
                job: job.id,
                iteration: $0.iteration,
                step: $0.step,
                createdAt: $0.createdAt.unixSeconds,
                measured: metrics[$0.iteration] ?? [:]
            )
        }
        var rest = all[...]
        if let after = call.query["after"]?.stringValue {
            guard let place = all.firstIndex(where: { $0.id == after }) else {
                throw HoneError(.notFound, "there is no checkpoint \"\(after)\"", param: "after")
            }
            rest = all[(place + 1)...]
        }
        let limit = call.limit
        return try call.reply(ListPage(Array(rest.prefix(limit)), hasMore: rest.count > limit))
    }
}

extension FineTuningRequest {
    /// A fault of the spec at the place of the request that it comes of.
    fileprivate func located(_ fault: Fault) -> Fault {
        let places = [
            ("$.data", "$.training_file"), ("$.prompts", "$.training_file"),
            ("$.evaluation", "$.validation_file"),
            ("$.reward.grader", "$.method.reinforcement.grader"),
        ]
        for (own, place) in places where fault.path.hasPrefix(own) {
            let path = place + fault.path.dropFirst(own.count)
            return Fault(path: path, message: fault.message)
        }
        return fault
    }
}
