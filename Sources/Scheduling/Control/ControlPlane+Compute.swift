public import Domain
import Store
import WorkerProtocol

extension ControlPlane {
    /// Draws completions with a serving worker, never the run's own, and chooses among them as asked.
    public func sample(_ request: SampleRequest) async throws(HoneError) -> [RolloutGroup] {
        try await sample(request, drawn: nil)
    }

    /// The same, telling of each token when it is drawn.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - drawn: Called in order, from any thread, before this returns; must not block. When a lost
    ///     worker was replaced it is told of the same tokens again, from the first.
    /// - Returns: As `sample`.
    /// - Throws: As `sample`.
    public func sample(
        _ request: SampleRequest,
        drawn: (@Sendable ([DrawnToken]) -> Void)?
    ) async throws(HoneError) -> [RolloutGroup] {
        guard !request.prompts.isEmpty, request.groupSize > 0 else {
            throw HoneError(.invalidRequest, "at least one prompt and n ≥ 1 are needed")
        }
        var order = workerRequest(request)
        order.reportsTokens = drawn != nil
        order.reportedAlternatives = drawn == nil ? nil : request.reportedAlternatives
        let model = try await served(request.model, writes: true)
        let reply = try await serving.request(.sample(order), of: model, drawn: drawn)
        guard case .sampled(let sampled) = reply, sampled.count == request.prompts.count else {
            throw Self.unexpected
        }
        var groups = zip(request.prompts, sampled).map {
            RolloutGroup(prompt: $0, rollouts: $1.rollouts)
        }
        if request.strategy.usesReward { groups = try await chosen(groups, request) }
        if request.stores {
            for index in groups.indices {
                groups[index].ids = try await keep(groups[index], place: index)
            }
        }
        return groups
    }

    private func keep(_ group: RolloutGroup, place: Int) async throws(HoneError) -> [Int] {
        try await store.insertRollouts(
            group.rollouts.enumerated().map {
                NewRollout(
                    promptIndex: place,
                    sampleIndex: $0,
                    prompt: group.prompt,
                    rollout: $1
                )
            },
            run: nil,
            purpose: .request
        )
    }

    /// Log-probabilities at temperature 1 of whole sequences.
    public func logprobs(
        model: ServedModel,
        items: [LogprobItem]
    ) async throws(HoneError) -> [SequenceLogprobs] {
        let encoded = try await encode(
            model: model,
            items: items.map { EncodingItem(prompt: $0.prompt, completion: $0.completion) }
        )
        let sequences = encoded.map { $0.promptTokens + $0.completionTokens }
        if let empty = sequences.firstIndex(where: \.isEmpty) {
            throw HoneError(
                .invalidRequest,
                "item \(empty) has no tokens",
                param: "items[\(empty)]"
            )
        }
        // The first token has nothing before it; all others are "the completion" of it.
        let longer = sequences.indices.filter { sequences[$0].count > 1 }
        var found: [Int: [Float]] = [:]
        if !longer.isEmpty {
            let groups = longer.map {
                WorkerRequest.SequenceGroup(
                    promptTokens: Packed([sequences[$0][0]]),
                    completions: [Packed(Array(sequences[$0].dropFirst()))]
                )
            }
            let reply = try await serving.request(
                .logprobs(.init(source: .policy, groups: groups)),
                of: try await served(model, writes: true)
            )
            guard case .logprobs(let values) = reply, values.count == longer.count,
                values.allSatisfy({ $0.count == 1 })
            else { throw Self.unexpected }
            for (place, value) in zip(longer, values) { found[place] = value[0].elements }
        }
        return sequences.indices.map { place in
            SequenceLogprobs(
                tokens: sequences[place],
                logprobs: [nil] + (found[place] ?? []).map(Optional.some),
                promptLength: encoded[place].promptTokens.count
            )
        }
    }

    /// Renders and tokenises.
    ///
    /// `recognisesSpecialTokens` is about `.text` prompts: special tokens written out in them become
    /// one token each.
    public func encode(
        model: ServedModel,
        items: [EncodingItem],
        recognisesSpecialTokens: Bool = true
    ) async throws(HoneError) -> [Encoding] {
        let reply = try await serving.request(
            .encode(
                .init(
                    items: items.map { .init(prompt: $0.prompt, completion: $0.completion) },
                    recognisesSpecialTokens: recognisesSpecialTokens
                )
            ),
            of: try await served(model)
        )
        guard case .encoded(let encoded) = reply, encoded.count == items.count else {
            throw Self.unexpected
        }
        return encoded.map {
            Encoding(
                promptTokens: $0.promptTokens.elements,
                completionTokens: $0.completionTokens.elements,
                renderedPrompt: $0.renderedPrompt
            )
        }
    }

    /// Tokens to text.
    public func decode(
        model: ServedModel,
        sequences: [[Int32]]
    ) async throws(HoneError) -> [String] {
        let reply = try await serving.request(
            .decode(.init(sequences: sequences.map { Packed($0) })),
            of: try await served(model)
        )
        guard case .decoded(let texts) = reply, texts.count == sequences.count else {
            throw Self.unexpected
        }
        return texts
    }

    /// One optimizer step of an `external` run.
    ///
    /// - Throws: `.unknownRun`, `.immutableModel` for other kinds, `.staleVersion`, `.conflict` when
    ///   the run is not running.
    public func update(
        run: String,
        batch: UpdateBatch
    ) async throws(HoneError) -> UpdateResult {
        let record = try await findRun(run)
        guard record.spec.kind == .external else {
            throw HoneError(
                .immutableModel,
                "the run \"\(record.name)\" updates its own policy: only runs of kind external "
                    + "take updates",
                param: "run"
            )
        }
        guard let driver = driver(of: record.id) else {
            throw HoneError(
                .conflict,
                "the run \"\(record.name)\" is \(record.state.rawValue), not running",
                param: "run"
            )
        }
        return try await driver.inbox.submit(batch)
    }

    /// What a serving worker opens for an address.
    ///
    /// - Parameters:
    ///   - model: The address: a model, a checkpoint or a run.
    ///   - writes: Whether text or its probabilities are wanted, which reward models lack.
    /// - Returns: The folders to open; a run's newest checkpoint, or its start when it has none.
    /// - Throws: `.unknownModel`, `.unknownRun`, `.notFound` for a checkpoint that is not kept,
    ///   `.invalidRequest` when a reward model is to write.
    func served(
        _ model: ServedModel,
        writes: Bool = false
    ) async throws(HoneError) -> ServingPool.Model {
        switch model {
        case .model(let name):
            if let record = try await store.model(name) {
                if record.isRewardModel && writes {
                    throw HoneError(
                        .invalidRequest,
                        "\"\(name)\" is a reward model: it scores texts and writes none",
                        param: "model"
                    )
                }
                return record.isRewardModel
                    ? .reward(folder: record.folder)
                    : .policy(folder: record.folder, checkpoint: nil, version: 0)
            }
            // Also the error for an unknown name.
            guard name.contains("@") else {
                return .policy(
                    folder: try await self.model(name).folder,
                    checkpoint: nil,
                    version: 0
                )
            }
            let checkpoint = try await checkpoint(name)
            return try await served(try await store.run(checkpoint.runID), checkpoint)
        case .run(let reference):
            let run = try await findRun(reference)
            let checkpoint = try await store.checkpoints(run: run.id).last
            return try await served(run, checkpoint)
        }
    }

    private func served(
        _ run: RunRecord,
        _ checkpoint: CheckpointRecord?
    ) async throws(HoneError) -> ServingPool.Model {
        let base = folder.base(run.id)
        let start = folder.exists(base) ? base : try await model(run.spec.model).folder
        return .policy(
            folder: start,
            checkpoint: checkpoint?.path,
            version: checkpoint?.step ?? 0
        )
    }

    static var unexpected: HoneError {
        HoneError(.internalError, "the worker gave an answer of another kind or size")
    }
}
