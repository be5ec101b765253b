import APITypes
import Domain
import Scheduling

/// Sends the choices of a stream while they are drawn.
struct GenerationStream {
    private var work: GenerationWork
    private let object: GenerationObject
    private let charge: @Sendable (Int) -> Void
    private let send: @Sendable (Value) async throws -> Void
    private var choices: [OpenChoice]

    /// What was sent of a choice.
    private struct OpenChoice {
        /// Its place, its prompt, and the tokens that no piece has carried yet.
        var head: DrawnChoice
        /// Tokens that were told of.
        var tokenCount = 0
        /// Bytes of its text that were sent.
        var textBytes = 0
        var hasPieces = false
    }

    init(
        _ work: GenerationWork,
        _ object: GenerationObject,
        charge: @escaping @Sendable (Int) -> Void,
        send: @escaping @Sendable (Value) async throws -> Void
    ) {
        self.work = work
        self.object = object
        self.charge = charge
        self.send = send
        choices = (0..<work.encodings.count * work.options.count).map { index in
            let prompt = work.encodings[index / work.options.count].promptTokens
            return OpenChoice(
                head: DrawnChoice(
                    index: index,
                    text: "",
                    stopReason: .length,
                    promptTokens: prompt,
                    completionTokens: []
                )
            )
        }
    }

    /// Draws and sends; what was drawn in the end.
    mutating func run() async throws -> GenerationWork.Outcome {
        // Bounded by the tokens that the request may draw.
        let (tokens, feed) = AsyncStream.makeStream(of: [DrawnToken].self)
        let charge = charge
        work.drawn = { tokens in
            charge(tokens.count)
            feed.yield(tokens)
        }
        let work = work
        for choice in choices {
            if let opening = object.opening(choice.head) { try await send(opening) }
        }
        // Leaving early, when the client is gone, cancels the drawing.
        async let drawing: GenerationWork.Outcome = {
            defer { feed.finish() }
            return try await work.outcome()
        }()
        for await list in tokens {
            for token in list { try await take(token) }
        }
        let outcome = try await drawing
        for choice in outcome.choices { try await end(choice) }
        return outcome
    }

    /// Sends what a token adds; what a replaced worker tells again is known already.
    private mutating func take(_ token: DrawnToken) async throws {
        let index = token.prompt * work.options.count + token.sample
        guard choices.indices.contains(index), token.place == choices[index].tokenCount else {
            return
        }
        choices[index].tokenCount += 1
        choices[index].head.tokens.append(.init(id: token.token, text: "", logprob: nil))
        if !token.text.isEmpty { try await sendPiece(index, token.text) }
    }

    private mutating func sendPiece(_ index: Int, _ text: String) async throws {
        let head = choices[index].head
        let piece = DrawnChoice.Piece(text: text, tokens: 0..<head.tokens.count)
        let isFirst = !choices[index].hasPieces
        choices[index].hasPieces = true
        choices[index].textBytes += text.utf8.count
        choices[index].head.tokens = []
        try await send(object.chunk(head, piece, isFirst: isFirst))
    }

    /// Sends what is left of a choice: tokens without text where they are wanted, and why it ended.
    private mutating func end(_ choice: DrawnChoice) async throws {
        let index = choice.index
        let told = choices[index].tokenCount
        for token in choice.completionTokens.dropFirst(told) {
            choices[index].head.tokens.append(.init(id: token, text: "", logprob: nil))
        }
        let rest = choice.text.utf8.dropFirst(choices[index].textBytes)
        let hasTokens = object.showsTokenIDs && !choices[index].head.tokens.isEmpty
        if !rest.isEmpty || hasTokens {
            try await sendPiece(index, String(decoding: rest, as: UTF8.self))
        }
        try await send(object.ending(choice, isFirst: !choices[index].hasPieces))
    }
}
