import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// What people are asked.
    static let annotations: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/annotations/lease",
            "Take comparisons to judge, those that tell most first; nobody gets one again that they answered or gave back.",
            needs: .annotate,
            request: LeaseRequest.schema,
            reply: .json(.page(of: AnnotationObject.schema)),
            errors: [.unknownRun],
            creates: true
        ) { call in
            try call.reply(ListPage(try await leases(call).map(AnnotationObject.init)))
        },
        Endpoint(
            .post,
            "/v1/annotations/{id}",
            "Answer a comparison; answered when it is on disk. The same answer again changes nothing.",
            needs: .annotate,
            request: AnnotationAnswer.schema,
            reply: .json(AnnotationReply.schema),
            errors: [.notFound, .conflict, .diskFull]
        ) { call in
            let answer = try AnnotationAnswer(call.body)
            let id = try await ownLease(call)
            let record = try await call.control.feedback.store.answer(
                lease: id,
                choice: answer.choice,
                strength: answer.strength,
                rationale: answer.rationale,
                seconds: answer.seconds
            )
            return try call.reply(AnnotationReply(id: id, feedback: FeedbackObject(record)))
        },
        Endpoint(
            .delete,
            "/v1/annotations/{id}",
            "Give a comparison back unanswered.",
            needs: .annotate,
            query: [
                .field(
                    "again",
                    .bool,
                    default: false,
                    "Whether it may come to the same person again."
                )
            ],
            reply: .json(DeletedObject.schema),
            errors: [.notFound, .conflict]
        ) { call in
            try await call.control.feedback.store.returnLease(
                ownLease(call),
                again: call.query["again"]?.boolValue ?? false
            )
            return try call.reply(DeletedObject(id: call.parameter("id"), object: "annotation"))
        },
    ]

    /// The lease in the path, if it is the caller's: others do not exist for them.
    private static func ownLease(_ call: EndpointCall) async throws(HoneError) -> Int {
        let id = try number(call)
        guard call.caller?.annotator != nil else { return id }
        guard call.owns(try await call.control.feedback.store.annotator(ofLease: id)) else {
            throw DataStore.noLease(id)
        }
        return id
    }

    /// The comparisons that a request takes.
    static func leases(_ call: EndpointCall) async throws -> [AnnotationLease] {
        let request = try LeaseRequest(call.bodyOfSpeaker())
        return try await call.control.feedback.lease(
            run: request.run,
            annotator: request.annotator,
            count: request.count,
            seconds: request.seconds
        )
    }
}

extension AnnotationObject {
    init(_ lease: AnnotationLease) {
        self.init(
            id: lease.id,
            iteration: lease.iteration,
            prompt: lease.prompt,
            first: lease.first.text,
            second: lease.second.text,
            expiresAt: lease.expiresAt.unixSeconds
        )
        run = lease.runID
    }
}
