public import Domain
import Kernels

/// The adapters of a whole model: a table of their own beside the frozen base.
public struct LowRankAdapters: Sendable {
    /// Inner dimension of every adapter.
    public let rank: Int
    /// Numerator of the scale alpha / rank.
    public let alpha: Double
    /// A and B of every adapter.
    public let arena: ParameterArena

    /// Fresh adapters on every linear layer: A normal, B zero, so that the model is unchanged.
    public init(
        _ configuration: ModelConfiguration,
        rank: Int,
        alpha: Double,
        seed: UInt64
    ) throws(HoneError) {
        try self.init(configuration, rank: rank, alpha: alpha)
        arena.initialise(seed: seed)
    }

    /// Adapters of zeros, to be filled from a file.
    public init(_ configuration: ModelConfiguration, rank: Int, alpha: Double) throws(HoneError) {
        self.rank = rank
        self.alpha = alpha
        arena = ParameterArena(try Self.table(configuration, rank: rank))
    }

    /// The table of all A (rank, in) and B (out, rank), two entries a linear layer.
    public static func table(
        _ configuration: ModelConfiguration,
        rank: Int
    ) throws(HoneError) -> ParameterTable {
        let family = try ArchitectureCatalogue.find(configuration.architecture)
        let layers = family.entries(configuration).filter { $0.layer != nil && !$0.isVector }
        return ParameterTable(
            layers.flatMap { entry in
                [
                    ParameterEntry(
                        matrix: Self.name(entry.name, "A"),
                        rank,
                        entry.columns,
                        layer: entry.layer,
                        initial: .normal(1 / Double(entry.columns).squareRoot())
                    ),
                    ParameterEntry(
                        matrix: Self.name(entry.name, "B"),
                        entry.rows,
                        rank,
                        layer: entry.layer,
                        initial: .zeros
                    ),
                ]
            }
        )
    }

    /// PEFT's spelling: `….q_proj.lora_A.weight`.
    static func name(_ weight: String, _ part: String) -> String {
        weight.replacing(".weight", with: ".lora_\(part).weight")
    }

    var scale: Float { Float(alpha / Double(rank)) }

    /// The adapters of the tensors `names`, which one fused matrix holds one below the other.
    func adapters(_ names: [String], gradients: ParameterArena?) -> [LowRankAdapter] {
        var start = 0
        return names.compactMap { name in
            guard let a = arena.tensor(Self.name(name, "A")),
                let b = arena.tensor(Self.name(name, "B"))
            else { return nil }
            defer { start += b.rows }
            return LowRankAdapter(
                a: a,
                b: b,
                aGradient: gradients?.tensor(Self.name(name, "A")),
                bGradient: gradients?.tensor(Self.name(name, "B")),
                scale: scale,
                outputs: start..<start + b.rows
            )
        }
    }

    /// scale · B A, what is added to the weight called `name` when adapters are merged; (out, in).
    public func delta(_ name: String) -> [Float]? {
        guard let a = arena.tensor(Self.name(name, "A")), let b = arena.tensor(Self.name(name, "B"))
        else { return nil }
        let (left, right) = (b.hostCopy(), a.hostCopy())
        var result = [Float](repeating: 0, count: b.rows * a.columns)
        for row in 0..<b.rows {
            for inner in 0..<rank {
                let factor = scale * left[row * rank + inner]
                if factor == 0 { continue }
                for column in 0..<a.columns {
                    result[row * a.columns + column] += factor * right[inner * a.columns + column]
                }
            }
        }
        return result
    }
}
