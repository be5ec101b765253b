import Domain
import Kernels
public import Models

/// The second model of an engine that draws from mixtures: it decodes in step with the first, over
/// keys and values of its own in rows of the same numbers.
public final class MixturePartner {
    private let model: Transformer
    private let head: LanguageHead
    private let scratch: Tensor
    private var cache: KeyValueCache?
    private var activations = ActivationRoom(step: 64)

    /// A partner whose tokens are those of the first model.
    public init(model: Transformer, head: LanguageHead) {
        self.model = model
        self.head = head
        scratch = Tensor(rows: head.maximumLogitRows, columns: model.configuration.hiddenSize)
    }

    var contextLength: Int { model.configuration.contextLength }
    var maximumLogitRows: Int { head.maximumLogitRows }

    /// Makes room for more rows; those in `runs` stay what they are.
    func grow(to rowCount: Int, keeping runs: [Range<Int>]) {
        let fresh = KeyValueCache(model.configuration, rowCount: rowCount)
        if let cache {
            for run in runs { fresh.copy(run, of: cache, to: run.lowerBound, model.backend) }
        }
        cache = fresh
    }

    /// Copies rows that the prefix cache knows.
    func copy(_ rows: Range<Int>, to target: Int) {
        cache.map { $0.copy(rows, of: $0, to: target, model.backend) }
    }

    /// The residual stream of one pass, (tokens, hidden).
    func forward(_ pass: TokenPass) -> Tensor {
        guard let cache else { preconditionFailure("tokens have rows") }
        return model.forward(
            pass.tokens,
            pass.positions,
            pass.segments,
            activations.room(for: pass.count, of: model),
            cache: cache,
            cacheRows: pass.cacheRows
        )
    }

    /// The logits of some rows, (rows, vocabulary), valid until the next call.
    func logits(_ residual: Tensor, rows: [Int32]) -> Tensor {
        head.logits(residual, rows: rows, scratch: scratch)
    }
}
