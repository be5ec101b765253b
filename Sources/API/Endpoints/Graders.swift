import APITypes
import Domain
import HTTP
import Presentation
import Scheduling

extension EndpointTable {
    /// Graders alone, in OpenAI's shape.
    static let graders: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/fine_tuning/alpha/graders/run",
            "Grade one completion.",
            needs: .generate,
            request: GraderRunRequest.schema,
            reply: .json(GraderRunObject.schema),
            errors: [.invalidRequest, .unknownModel, .forbidden, .workerLost]
        ) { call in
            let request = try GraderRunRequest(call.body)
            let clock = ContinuousClock()
            let start = clock.now
            let item = RewardItem(prompt: "", completion: request.sample, item: request.item)
            let result = try await grade(request.grader, [item], call.control).first
            let (seconds, attoseconds) = (clock.now - start).components
            let object = GraderRunObject(
                reward: result?.score,
                parts: request.grader["type"] == "multi" ? result?.components ?? [:] : [:],
                reason: result?.reason,
                grader: request.grader,
                seconds: Double(seconds) + Double(attoseconds) * 1e-18
            )
            return .json(JSONText.data(object.value))
        },
        Endpoint(
            .post,
            "/v1/fine_tuning/alpha/graders/validate",
            "Only say what is wrong with a grader.",
            needs: .generate,
            request: GraderValidation.schema,
            reply: .json(GraderValidation.schema),
            errors: [.invalidRequest, .unknownModel, .forbidden]
        ) { call in
            let request = try GraderValidation(call.body)
            _ = try await grade(request.grader, [], call.control)
            return try call.reply(request)
        },
    ]

    /// Scores by a grader; its faults are told with paths of the request.
    private static func grade(
        _ grader: Value,
        _ items: [RewardItem],
        _ control: any ControlService
    ) async throws(HoneError) -> [RewardResult] {
        do throws(HoneError) {
            return try await control.score(
                reward: ["name": "grader", "grader": grader],
                items: items
            )
        } catch {
            throw HoneError(
                error.code,
                error.message.replacing("$.reward.grader", with: "$.grader"),
                param: error.param == "reward" ? "grader" : error.param
            )
        }
    }
}
