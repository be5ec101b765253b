import APITypes
import Domain
import HTTP

extension EndpointTable {
    private static let generationErrors: [ErrorCode] = [
        .unknownModel, .unknownRun, .notFound, .promptTooLong, .workerLost, .deadlineExceeded,
        .overloaded,
    ]

    /// Sampling in the shapes of OpenAI's API.
    static let completions: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/completions",
            "Complete texts or tokens, in OpenAI's shape; with stream as events that end with [DONE].",
            needs: .generate,
            request: CompletionsRequest.schema,
            reply: .json(GenerationObject.completionSchema),
            errors: generationErrors,
            maxBodyBytes: 64 << 20,
            endsWithClient: true
        ) { call in
            let request = try CompletionsRequest(call.body)
            var work = GenerationWork(
                control: call.control,
                options: request.options,
                encodings: try await GenerationWork.encodings(
                    request.prompts,
                    request.options,
                    call.control
                ),
                candidates: request.candidates
            )
            (work.echoes, work.alternatives) = (request.echoes, request.alternatives)
            return try await GenerationReply(call, work, shape: .completion).response()
        },
        Endpoint(
            .post,
            "/v1/chat/completions",
            "Answer a conversation, in OpenAI's shape; with stream as events that end with [DONE].",
            needs: .generate,
            request: ChatCompletionsRequest.schema,
            reply: .json(GenerationObject.chatSchema),
            errors: generationErrors,
            maxBodyBytes: 64 << 20,
            endsWithClient: true
        ) { call in
            let request = try ChatCompletionsRequest(call.body)
            var work = GenerationWork(
                control: call.control,
                options: request.options,
                encodings: try await GenerationWork.encodings(
                    [.messages(request.messages)],
                    request.options,
                    call.control
                ),
                candidates: request.options.count
            )
            work.alternatives = request.alternatives
            return try await GenerationReply(call, work, shape: .chat).response()
        },
    ]
}
