import Domain
import Training

extension BenchmarkCase {
    static let prefill512 = BenchmarkCase(
        "prefill-512",
        "a prompt of 512 tokens is read and one token drawn; prompt tokens count"
    ) { bench in
        let session = try bench.policy()
        let shape = session.folder.configuration
        let prompts = TokenSource(shape).texts(1, of: 512)
        let draw = Drawing(session: session, prompts: prompts, groupSize: 1, tokens: 1)
        return Work(
            tokens: 512,
            usefulOperations: UsefulWork(texts: prompts, predictions: 1).forward(shape)
        ) {
            _ = try draw.run()
            return nil
        }
    }

    static let decode1 = decode(1)
    static let decode8 = decode(8)
    static let decode32 = decode(32)
    static let decode64 = decode(64)

    static let decode1Bfloat16 = decode(1, .bfloat16)
    static let decode1Int8 = decode(1, .int8)

    /// Prompts that share nothing, so that every sequence is decoded as in any other engine.
    private static func decode(
        _ batch: Int,
        _ weights: SamplingWeights = .float32
    ) -> BenchmarkCase {
        BenchmarkCase(
            "decode-\(batch)" + (weights == .float32 ? "" : "-\(weights.rawValue)"),
            "\(batch) prompts of 16 tokens, 64 tokens drawn for each; drawn tokens count, "
                + "the prompts' time too" + (weights == .float32 ? "" : "; \(weights) weights")
        ) { bench in
            let session = try bench.policy()
            let prompts = TokenSource(session.folder.configuration).texts(batch, of: 16)
            return Drawing(
                session: session,
                prompts: prompts,
                groupSize: 1,
                tokens: 64,
                weights: weights
            ).work
        }
    }

    static let sampleGroups = BenchmarkCase(
        "sample-groups",
        "4 prompts of 128 tokens, 8 completions of 32 tokens each; drawn tokens count, "
            + "the prompts' time too"
    ) { bench in
        let session = try bench.policy()
        let prompts = TokenSource(session.folder.configuration).texts(4, of: 128)
        return Drawing(session: session, prompts: prompts, groupSize: 8, tokens: 32).work
    }

    static let sampleGroupsApart = BenchmarkCase(
        "sample-groups-apart",
        "as sample-groups, each completion with a prompt of its own",
        leavesOut: Saving(name: "a group's prompt is read once", of: "sample-groups")
    ) { bench in
        let session = try bench.policy()
        let prompts = TokenSource(session.folder.configuration).texts(32, of: 128)
        return Drawing(session: session, prompts: prompts, groupSize: 1, tokens: 32).work
    }
}

/// Completions of a fixed length, drawn anew at each run.
struct Drawing {
    let session: PolicySession
    let prompts: [[Int32]]
    let groupSize: Int
    /// Of each completion.
    let tokens: Int
    var weights = SamplingWeights.float32

    var request: SampleRequest {
        SampleRequest(
            prompts: prompts,
            streams: Array(prompts.indices),
            groupSize: groupSize,
            parameters: SamplingParameters(maxTokens: tokens, weights: weights),
            seed: 1
        )
    }

    /// Tokens of all completions.
    var tokenCount: Int { prompts.count * groupSize * tokens }

    /// The completions of each prompt.
    ///
    /// - Throws: when one of them is shorter: then the figure would not be what it says.
    func run() throws -> [[SampledSequence]] {
        // What an earlier repetition left would be served again.
        session.sampler.engine.forgetPrefixes()
        let groups = try session.sampler.sample(request)
        let drawn = groups.joined().reduce(0) { $0 + $1.tokens.count }
        guard drawn == tokenCount else {
            throw HoneError(
                .internalError,
                "\(drawn) tokens were drawn instead of \(tokenCount): the model's context is too "
                    + "short for this case, or a completion ended early"
            )
        }
        return groups
    }

    /// Drawing alone as what is measured.
    var work: Work {
        let shape = session.folder.configuration
        let useful = UsefulWork(prompts: prompts, groupSize: groupSize, drawn: tokens)
        return Work(
            tokens: tokenCount,
            usefulOperations: useful.forward(shape),
            bytesRead: Double(tokens) * UsefulWork.weightBytes(shape, weights)
        ) {
            _ = try run()
            return nil
        }
    }
}
