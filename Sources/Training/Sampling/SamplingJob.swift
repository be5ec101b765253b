import Domain
import Kernels

/// A request that a `SamplingEngine` has accepted, and what is drawn for it.
public final class SamplingJob {
    /// What was asked for.
    public let request: SampleRequest
    /// For each prompt its completions in the order of their sample numbers; whole once finished.
    public private(set) var completions: [[SampledSequence]]
    /// Tokens drawn so far.
    public internal(set) var drawnTokens = 0
    /// For each prompt the tokens whose keys and values came from the prefix cache.
    public internal(set) var cachedPromptTokens: [Int]
    /// Whether it was cancelled; `completions` then lack what had not been finished.
    public internal(set) var isCancelled = false
    /// The first prompt that has not begun.
    var nextPrompt = 0
    let philox: Philox
    private var unfinishedGroups: Int
    private var reports: [SampledToken] = []

    init(_ request: SampleRequest) {
        self.request = request
        philox = Philox(seed: request.seed)
        completions = request.prompts.map { _ in
            Array(repeating: SampledSequence(), count: request.groupSize)
        }
        cachedPromptTokens = request.prompts.map { _ in 0 }
        unfinishedGroups = request.prompts.count
    }

    /// Whether all its completions have been drawn.
    public var isFinished: Bool { unfinishedGroups == 0 }
    /// The panels that its completions are drawn with.
    var panelFormat: PanelFormat {
        switch request.parameters.weights {
        case nil, .float32: .float32
        case .bfloat16: .bfloat16
        case .int8: .int8
        }
    }
    /// The tokens that end its completions, where the model's own are `own`.
    func endTokens(_ own: Set<Int32>) -> Set<Int32> {
        let kept = request.parameters.ignoresEndTokens == true ? [] : own
        guard let further = request.parameters.stopTokens else { return kept }
        return kept.union(further)
    }
    var hasBegunAll: Bool { nextPrompt == request.prompts.count }

    /// The tokens that were drawn since the last call, where the request wants to know.
    public func takeReports() -> [SampledToken] {
        defer { reports = [] }
        return reports
    }

    /// Notes what a sequence's newest token added to its text.
    func report(
        _ drawn: DecodingSequence,
        textStart: Int,
        alternatives: () -> [LikelyToken]
    ) {
        guard request.reportsTokens, let token = drawn.sequence.tokens.last else { return }
        reports.append(
            SampledToken(
                prompt: drawn.group.index,
                sample: drawn.sample,
                place: drawn.sequence.tokens.count - 1,
                token: token,
                text: String(
                    decoding: drawn.sequence.text.utf8.dropFirst(textStart),
                    as: UTF8.self
                ),
                logprob: drawn.sequence.logprobs.last ?? 0,
                alternatives: request.reportedAlternatives > 0 ? alternatives() : []
            )
        )
    }

    func take(_ finished: DecodingSequence) {
        completions[finished.group.index][finished.sample] = finished.sequence
        finished.group.unfinished -= 1
        if finished.group.unfinished == 0 { unfinishedGroups -= 1 }
    }
}
