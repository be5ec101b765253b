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
        /// Bytes and scalars of its text that were sent.
        var textBytes = 0
        var textScalars = 0
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
        work.drawn = { feed.yield($0) }
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
        charge(1)
        choices[index].tokenCount += 1
        choices[index].head.tokens.append(DrawnChoice.Token(token))
        if !token.text.isEmpty { try await sendPiece(index, token.text) }
    }

    private mutating func sendPiece(_ index: Int, _ text: String) async throws {
        var head = choices[index].head
        let offsets = TextPieces.offsets(of: head.tokens.map(\.text), in: text)
        for place in head.tokens.indices {
            head.tokens[place].offset = choices[index].textScalars + offsets[place]
        }
        let piece = DrawnChoice.Piece(text: text, tokens: 0..<head.tokens.count)
        let isFirst = !choices[index].hasPieces
        choices[index].hasPieces = true
        choices[index].textBytes += text.utf8.count
        choices[index].textScalars += text.unicodeScalars.count
        choices[index].head.tokens = []
        try await send(object.chunk(head, piece, isFirst: isFirst))
    }

    /// Sends what is left of a choice: tokens without text where they are wanted, and why it ended.
    private mutating func end(_ choice: DrawnChoice) async throws {
        let index = choice.index
        let told = choices[index].tokenCount
        let untold = choice.tokens.dropFirst(told)
        charge(untold.count)
        let names = object.showsLogprobs ? try await work.names(of: untold.map(\.id)) : [:]
        for var token in untold {
            token.text = names[token.id] ?? ""
            choices[index].head.tokens.append(token)
        }
        let rest = choice.text.utf8.dropFirst(choices[index].textBytes)
        let showsTokens = object.showsTokenIDs || object.showsLogprobs
        let hasTokens = showsTokens && !choices[index].head.tokens.isEmpty
        if !rest.isEmpty || hasTokens {
            try await sendPiece(index, String(decoding: rest, as: UTF8.self))
        }
        try await send(object.ending(choice, isFirst: !choices[index].hasPieces))
    }
}

extension DrawnChoice.Token {
    fileprivate init(_ token: DrawnToken) {
        self.init(
            id: token.token,
            text: token.likelihood?.name ?? "",
            logprob: token.likelihood?.logprob,
            alternatives: token.likelihood?.alternatives.map {
                .init(id: $0.token, text: $0.name, logprob: $0.logprob)
            } ?? []
        )
    }
}
