import Domain
import Foundation
import Tokenizers

/// The sequences that a beam search follows, and those that have ended.
struct BeamState {
    /// A sequence on its way.
    struct Beam {
        var tokens: [Int32] = []
        var logprobs: [Float] = []
        /// Σ log π, nat.
        var sum = 0.0
    }

    private(set) var live = [Beam()]
    private var ended: [(beam: Beam, score: Double, text: String, reason: StopReason)] = []
    private let request: BeamRequest
    private let tokenLimit: Int
    private let text: TextCodec
    /// Which half of the cache rows holds the sequences' keys.
    private var half = 0

    init(_ request: BeamRequest, tokenLimit: Int, text: TextCodec) {
        self.request = request
        self.tokenLimit = tokenLimit
        self.text = text
    }

    var promptCount: Int { request.prompt.count }

    /// The rows of a sequence's own tokens: of the half in use (1), or of the other (0).
    func rows(of place: Int, half offset: Int) -> Range<Int> {
        let used = offset == 1 ? half : 1 - half
        let start = promptCount + (used * request.width + place) * tokenLimit
        return start..<start + tokenLimit
    }

    mutating func swapHalves() { half = 1 - half }

    /// Continues every sequence by every token and keeps the best.
    ///
    /// - Parameter logprobs: log π of every token after each live sequence.
    /// - Returns: for each sequence that lives on the place of the one it continues.
    mutating func extend(_ logprobs: [[Double]]) -> [Int] {
        var fresh: [(parent: Int, beam: Beam)] = []
        for candidate in candidates(logprobs) where fresh.count < request.width {
            var beam = live[candidate.parent]
            beam.tokens.append(candidate.token)
            beam.logprobs.append(Float(logprobs[candidate.parent][Int(candidate.token)]))
            beam.sum = candidate.sum
            if !finish(beam) { fresh.append((candidate.parent, beam)) }
        }
        live = fresh.map(\.beam)
        // Only as many can be returned; of equal ones the earlier.
        ended = Array(
            ended.enumerated()
                .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
                .map(\.element).prefix(request.width)
        )
        return fresh.map(\.parent)
    }

    /// The best continuations, the best first: enough to fill the beam whatever of them end.
    private func candidates(
        _ logprobs: [[Double]]
    ) -> [(parent: Int, token: Int32, sum: Double)] {
        var found: [(parent: Int, token: Int32, sum: Double)] = []
        // Every live sequence may end by each of the end tokens.
        let enough = request.width * (1 + text.endTokens.count)
        for (parent, row) in logprobs.enumerated() {
            // A stop string may end some of them too.
            for token in Self.top(request.stop.isEmpty ? enough : 4 * enough, of: row) {
                found.append((parent, Int32(token), live[parent].sum + row[token]))
            }
        }
        return found.enumerated()
            .sorted { ($1.element.sum, $0.offset) < ($0.element.sum, $1.offset) }
            .map(\.element)
    }

    /// The places of the highest numbers, the highest first, of equal ones the earlier.
    private static func top(_ count: Int, of row: [Double]) -> [Int] {
        var kept: [Int] = []
        for place in row.indices {
            if kept.count == count, let last = kept.last, row[place] <= row[last] { continue }
            var slot = kept.count
            while slot > 0 && row[kept[slot - 1]] < row[place] { slot -= 1 }
            kept.insert(place, at: slot)
            if kept.count > count { kept.removeLast() }
        }
        return kept
    }

    /// Takes a sequence that ends with its last token out of the race.
    private mutating func finish(_ beam: Beam) -> Bool {
        guard let last = beam.tokens.last else { return false }
        let isEnd = text.endTokens.contains(last)
        var decoder = IncrementalDecoder(text.tokenizer)
        var matcher = StopStringMatcher(request.stop)
        var words = ""
        for token in isEnd ? beam.tokens.dropLast() : beam.tokens[...] {
            words += matcher.append(decoder.append(token))
        }
        let isStopped = matcher.matched != nil
        guard isEnd || isStopped || beam.tokens.count >= tokenLimit else { return false }
        if !isStopped {
            words += matcher.append(decoder.finish())
            words += matcher.finish()
        }
        let reason: StopReason = isStopped ? .stopString : isEnd ? .endToken : .length
        ended.append((beam, score(beam.sum, beam.tokens.count), words, reason))
        return true
    }

    private func score(_ sum: Double, _ count: Int) -> Double {
        sum / pow(Double(count), request.lengthPenalty)
    }

    /// Whether nothing that still lives can come among the best.
    ///
    /// A sequence's sum only falls; divided by the greatest length it is as high as it can get.
    var isDecided: Bool {
        guard ended.count >= request.count, let open = live.map(\.sum).max() else { return false }
        let length = request.lengthPenalty > 0 ? tokenLimit : 1
        return ended[request.count - 1].score >= score(open, length)
    }

    /// The best that have ended, the best first.
    func best() -> [SampledSequence] {
        ended.prefix(request.count).map { found in
            var sequence = SampledSequence()
            sequence.tokens = found.beam.tokens
            sequence.logprobs = found.beam.logprobs
            // Nothing was drawn: the search takes what it takes.
            sequence.samplingLogprobs = found.beam.tokens.map { _ in 0 }
            sequence.text = found.text
            sequence.stopReason = found.reason
            return sequence
        }
    }
}
