import Domain
import Foundation
import Training

extension BenchmarkCase {
    static let publish = BenchmarkCase(
        "publish",
        "the weights written as a model folder, whole or not at all, and flushed to the disk"
    ) { bench in try writing(bench, includesOptimizer: false) }

    static let checkpoint = BenchmarkCase(
        "checkpoint",
        "weights and optimizer written as a checkpoint and flushed to the disk"
    ) { bench in try writing(bench, includesOptimizer: true) }

    private static func writing(_ bench: Workbench, includesOptimizer: Bool) throws -> Work {
        let session = try bench.policy(training: .all)
        let destination = bench.scratch + "/checkpoint"
        return Work {
            try session.checkpoint(
                to: destination,
                includesOptimizer: includesOptimizer,
                state: Data("{}".utf8)
            )
            return nil
        }
    }

    static let open = BenchmarkCase(
        "open",
        "the model is opened and the first token drawn after a prompt of 16 tokens; files cached"
    ) { bench in
        Work {
            let session = try bench.policy()
            let prompts = TokenSource(session.folder.configuration).texts(1, of: 16)
            _ = try Drawing(session: session, prompts: prompts, groupSize: 1, tokens: 1).run()
            return nil
        }
    }
}
