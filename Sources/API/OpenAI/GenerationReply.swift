import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling

/// Answers a completion or chat, whole or as an event stream.
struct GenerationReply: Sendable {
    let work: GenerationWork
    let object: GenerationObject
    /// Counts tokens against what the caller may draw.
    let charge: @Sendable (Int) -> Void

    init(_ call: EndpointCall, _ work: GenerationWork, shape: GenerationObject.Shape) {
        let prefix = shape == .chat ? "chatcmpl-" : "cmpl-"
        var object = GenerationObject(
            shape: shape,
            id: prefix + (work.options.requestID ?? call.request.id),
            created: Date().unixSeconds,
            model: work.options.model
        )
        object.showsLogprobs = work.alternatives != nil
        object.showsTokenIDs = work.options.returnsTokenIDs
        object.namesTokensByID = work.options.namesTokensByID
        object.countsInStream = work.options.includesUsage
        self.object = object
        self.work = work
        charge = { call.charge(tokens: $0) }
    }

    func response() async throws -> HTTPResponse {
        guard work.options.streams else {
            let outcome = try await work.outcome()
            charge(outcome.usage.promptTokens + outcome.usage.completionTokens)
            return .json(
                JSONText.data(dated(outcome).whole(outcome.choices, usage: outcome.usage))
            )
        }
        return .events(endsItself: true) { writer in
            do {
                let outcome = try await sent(writer)
                if work.options.includesUsage {
                    try await send(dated(outcome).last(outcome.usage), writer)
                }
            } catch let error as HoneError {
                // The status has been sent: the error is an event, as OpenAI has it.
                try await send(try JSONText.value(of: ErrorBody(error)), writer)
            }
            try await writer.send(ServerSentEvent(data: "[DONE]"))
        }
    }

    /// Sends the choices: as they are drawn, or when they are whole where more is told of them.
    private func sent(_ writer: EventWriter) async throws -> GenerationWork.Outcome {
        if work.tellsAsDrawn {
            // Token by token: who leaves in the middle has used what was drawn.
            charge(work.encodings.reduce(0) { $0 + $1.promptTokens.count })
            var stream = GenerationStream(work, object, charge: charge) {
                try await send($0, writer)
            }
            return try await stream.run()
        }
        let outcome = try await work.outcome()
        charge(outcome.usage.promptTokens + outcome.usage.completionTokens)
        let object = dated(outcome)
        for choice in outcome.choices {
            if let opening = object.opening(choice) { try await send(opening, writer) }
            for (place, piece) in choice.pieces.enumerated() {
                try await send(object.chunk(choice, piece, isFirst: place == 0), writer)
            }
            try await send(object.ending(choice, isFirst: choice.pieces.isEmpty), writer)
        }
        return outcome
    }

    /// The reply's head with the weights' version.
    private func dated(_ outcome: GenerationWork.Outcome) -> GenerationObject {
        var object = object
        object.fingerprint = outcome.policyVersion.map { "policy-\($0)" }
        return object
    }

    private func send(_ chunk: Value, _ writer: EventWriter) async throws {
        let text = String(decoding: JSONText.data(chunk), as: UTF8.self)
        try await writer.send(ServerSentEvent(data: text))
    }
}
