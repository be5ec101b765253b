import Domain
import Objectives
import Training

extension BenchmarkCase {
    static let trainForwardBackward = BenchmarkCase(
        "train-forward-backward",
        "sft on 8 texts of 128 + 128 tokens, all weights, without the optimizer's step; all "
            + "tokens count"
    ) { bench in
        let session = try bench.policy(training: .all)
        let shape = session.folder.configuration
        let source = TokenSource(shape)
        let groups = (0..<8).map {
            SequenceGroup(
                prompt: source.text($0, 128),
                completions: [source.text(100 + $0, 128)]
            )
        }
        let step = try TrainingStep(session: session, objective: "sft", batch: .each(groups))
        return Work(
            tokens: 8 * 256,
            usefulOperations: UsefulWork(groups).training(shape)
        ) { try step.forwardAndBackward() }
    }

    static let trainRagged = BenchmarkCase(
        "train-ragged",
        "an sft step on 16 texts of 32 prompt and 16 to 256 completion tokens; these tokens count"
    ) { bench in try ragged(bench, isPadded: false) }

    static let trainPadded = BenchmarkCase(
        "train-padded",
        "as train-ragged, each completion filled up to 256 tokens; filling does not count",
        leavesOut: Saving(name: "packing instead of padding", of: "train-ragged")
    ) { bench in try ragged(bench, isPadded: true) }

    /// Lengths 16, 32, … 256.
    private static func ragged(_ bench: Workbench, isPadded: Bool) throws -> Work {
        let session = try bench.policy(training: .all)
        let shape = session.folder.configuration
        let source = TokenSource(shape)
        let lengths = (1...16).map { 16 * $0 }
        let groups = lengths.map { length in
            SequenceGroup(
                prompt: source.text(length, 32),
                completions: [source.text(length + 1, isPadded ? 256 : length)]
            )
        }
        var batch = TrainingBatch.each(groups)
        for (index, length) in lengths.enumerated() where isPadded {
            batch.sequences[index].terms.mask = (0..<256).map { $0 < length ? 1 : 0 }
        }
        let step = try TrainingStep(session: session, objective: "sft", batch: batch)
        let tokens = lengths.reduce(0) { $0 + 32 + $1 }
        return Work(tokens: tokens) {
            try step.run()
            return nil
        }
    }
}
