import Domain
import Training

/// Texts as token ids.
///
/// Any tokens do: the work does not depend on which.
struct TokenSource {
    let vocabularySize: Int

    init(_ configuration: ModelConfiguration) { vocabularySize = configuration.vocabularySize }

    /// `count` tokens that differ from seed to seed.
    func text(_ seed: Int, _ count: Int) -> [Int32] {
        // Past the special tokens, where the vocabulary is large enough.
        let first = min(1000, vocabularySize / 2)
        let span = min(20_000, vocabularySize - first)
        return (0..<count).map { Int32(first + (seed * 131 + $0 * 17) % span) }
    }

    func texts(_ number: Int, of count: Int) -> [[Int32]] { (0..<number).map { text($0, count) } }

    /// Pairs: each prompt with its two completions.
    func pairs(_ number: Int, prompt: Int, completion: Int) -> [SequenceGroup] {
        (0..<number).map { index in
            SequenceGroup(
                prompt: text(index, prompt),
                completions: [
                    text(100 + 2 * index, completion), text(101 + 2 * index, completion),
                ]
            )
        }
    }
}
