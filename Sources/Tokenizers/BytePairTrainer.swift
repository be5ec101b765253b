/// Learns merges of bytes from a text: the pair of neighbours that is met most often becomes one token,
/// again and again.
///
/// Neighbours are met within words only, as GPT-2 cuts them. Of pairs met equally often the one of
/// lower ids comes first, so that a text always gives the same merges.
///
/// Source: Sennrich, Haddow, Birch 2016, arXiv 1508.07909, algorithm 1.
struct BytePairTrainer {
    private struct Pair: Hashable {
        var left: Int32
        var right: Int32
    }

    /// Each word of the text once, as tokens, and how often it is met.
    private var words: [(tokens: [Int32], count: Int)] = []
    private var pairCounts: [Pair: Int] = [:]
    /// The words that a pair was ever seen in.
    private var places: [Pair: Set<Int>] = [:]
    /// Tokens by id, in GPT-2's spelling of bytes.
    private(set) var tokens: [String]
    private(set) var merges: [(left: String, right: String)] = []
    private var ids: [String: Int32]

    /// - Parameters:
    ///   - text: what is learned from.
    ///   - tokens: the vocabulary so far, with a token for each byte.
    init(text: [UInt8], tokens: [String]) {
        self.tokens = tokens
        ids = Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, Int32($0)) })
        let bytes = ByteAlphabet.scalars.map { ids[String($0)] ?? 0 }
        var segments = SegmentedText(bytes: text)
        for step in PreTokenization.gpt2.steps { segments.apply(step) }
        var counts: [[UInt8]: Int] = [:]
        for piece in segments.pieces { counts[Array(segments.bytes[piece]), default: 0] += 1 }
        for (word, count) in counts {
            words.append((word.map { bytes[Int($0)] }, count))
            tally(word: words.count - 1, sign: 1)
        }
    }

    /// Learns until there are `size` tokens, or no pair is met twice.
    mutating func learn(vocabularySize size: Int) {
        while tokens.count < size, let pair = mostFrequent() {
            let (left, right) = (tokens[Int(pair.left)], tokens[Int(pair.right)])
            merges.append((left, right))
            merge(pair, into: id(of: left + right))
        }
    }

    /// Two ways of merging may spell one token.
    private mutating func id(of spelling: String) -> Int32 {
        if let known = ids[spelling] { return known }
        let id = Int32(tokens.count)
        ids[spelling] = id
        tokens.append(spelling)
        return id
    }

    private func mostFrequent() -> Pair? {
        let best = pairCounts.max { one, other in
            (one.value, other.key.left, other.key.right) < (
                other.value, one.key.left, one.key.right
            )
        }
        return best.flatMap { $0.value > 1 ? $0.key : nil }
    }

    private mutating func merge(_ pair: Pair, into token: Int32) {
        for index in places[pair] ?? [] {
            tally(word: index, sign: -1)
            let old = words[index].tokens
            var new: [Int32] = []
            var position = 0
            while position < old.count {
                let isPair =
                    position + 1 < old.count && old[position] == pair.left
                    && old[position + 1] == pair.right
                new.append(isPair ? token : old[position])
                position += isPair ? 2 : 1
            }
            words[index].tokens = new
            tally(word: index, sign: 1)
        }
        places[pair] = nil
        pairCounts[pair] = nil
    }

    /// Adds (1) or takes away (-1) the pairs of a word.
    private mutating func tally(word index: Int, sign: Int) {
        let (tokens, count) = words[index]
        for (left, right) in zip(tokens, tokens.dropFirst()) {
            let pair = Pair(left: left, right: right)
            let before = pairCounts[pair] ?? 0
            pairCounts[pair] = before + sign * count == 0 ? nil : before + sign * count
            if sign > 0 { places[pair, default: []].insert(index) }
        }
    }
}
