import Foundation

/// The figures of `Fixtures/statistics.json`, made by scripts/goldens/make_statistics_goldens.py.
struct Golden: Decodable {
    struct Quantile: Decodable {
        let probability: Double
        let degrees: Double?
        let expected: Double
    }
    struct Quantiles: Decodable { let student, normal: [Quantile] }
    struct Mean: Decodable {
        let clusters: [[Double]]
        let level, mean, deviation, lower, upper: Double
    }
    struct Wilson: Decodable {
        let rate: Double
        let count: Int
        let lower, upper: Double
    }
    struct LengthControlled: Decodable {
        let outcomes, lengths: [Double]
        let ridge, quality, effect, rate: Double
    }
    struct Correlations: Decodable {
        let left, right: [Double]
        let pearson, spearman, kendall: Double
    }
    struct STARC: Decodable {
        let left, right: [[Double]]
        let distance: Double
    }
    struct Calibration: Decodable {
        let probabilities, outcomes: [Double]
        let error, brier: Double
        let differences: [Double]
        let temperature: Double
    }
    struct BestOfN: Decodable {
        struct Case: Decodable {
            let n: Int
            let own, other: Double
        }
        let ranks, values: [Double]
        let cases: [Case]
    }
    struct Pass: Decodable {
        let k, samples, correct: Int
        let expected: Double
    }
    struct Diversity: Decodable {
        let sequences: [[String]]
        let distinct: [Double]
        let self_bleu: Double
    }
    struct Overoptimisation: Decodable {
        let method: String
        let start: Double
        let distances, rewards: [Double]
        let alpha, beta, determination: Double
        let peak: Double?
    }

    let quantiles: Quantiles
    let means: [Mean]
    let wilson: [Wilson]
    let length_controlled: [LengthControlled]
    let correlations: [Correlations]
    let starc: STARC
    let calibration: Calibration
    let best_of_n: BestOfN
    let pass_at_k: [Pass]
    let diversity: Diversity
    let overoptimisation: [Overoptimisation]

    static func read() throws -> Golden {
        let url = Bundle.module.url(forResource: "Fixtures/statistics", withExtension: "json")
        return try JSONDecoder().decode(
            Golden.self,
            from: Data(contentsOf: url ?? URL(fileURLWithPath: "statistics.json"))
        )
    }
}

/// Whether two numbers agree to a relative, or near 0 absolute, tolerance.
func agree(_ left: Double?, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let left else { return false }
    return abs(left - right) <= tolerance * max(1, abs(right))
}
