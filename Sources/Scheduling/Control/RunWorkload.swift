import Domain
import Objectives
import Rewards
import WorkerProtocol

/// What a run's worker does at once, from its spec and data: what its memory is planned for.
struct RunWorkload {
    /// Of this many elements the longest are tokenised by the worker: they fill any microbatch.
    private static let sampleCount = 64

    let spec: RunSpec
    private(set) var workload = WorkerRequest.Workload()

    init(_ spec: RunSpec) {
        self.spec = spec
        workload.elementsPerStep = spec.minibatchSize
        let needs = ElementReader(spec).needs
        let isOnline = spec.kind == .online
        let hasReference = spec.reference != .absent
        workload.usesReference = hasReference && (isOnline || spec.kind == .offline)
        workload.movesReference = spec.reference.decay != nil
        workload.comparesReference = needs.runsReference
        workload.scoresMismatched = needs.mismatched
        guard isOnline else { return }
        workload.opponentCount = spec.opponent?.count ?? 0
        workload.opponentMixture = spec.opponent?.mixture ?? 0
        workload.trainedCompletions =
            needs.kind == .pairs ? Self.pairedCompletions(spec, needs) : spec.groupSize
        // A step on sequences takes them from as many groups as hold them.
        if needs.kind == .sequences {
            workload.elementsPerStep = max(1, spec.minibatchSize / max(1, spec.groupSize))
        }
    }

    /// The most completions of one prompt in a step on pairs: each of its pairs may have others.
    private static func pairedCompletions(_ spec: RunSpec, _ needs: DataRequirements) -> Int {
        let pairing = try? Pairing(spec.pairing)
        let pairs = min(
            spec.minibatchSize,
            pairing?.mostPairs(of: spec.groupSize, opponents: spec.opponent?.count ?? 0) ?? 1
        )
        return min(max(2, spec.groupSize), pairs * (needs.third == nil ? 2 : 3))
    }

    /// Prompts that are sampled from, those of the evaluation when they are more at a time.
    mutating func add(prompts: [Prompt], groupSize: Int, perIteration: Int) {
        let unit = min(perIteration, BatchPlan.promptsPerUnit(groupSize: groupSize))
        guard let first = prompts.first,
            unit * groupSize > workload.prompts.count * workload.groupSize
        else { return }
        var longest = Self.longest(prompts, min(unit, Self.sampleCount)) { $0.byteCount }
        // An iteration that asks for more than there are goes through them again.
        while longest.count < unit { longest.append(longest.first ?? first) }
        workload.prompts = longest
        workload.groupSize = groupSize
        workload.maxTokens = spec.sampling.maxTokens
    }

    mutating func add(elements: [DataElement]) {
        add(
            elements.map { element in
                element.completions.map { .init(prompt: element.prompt, completion: $0.text) }
            }
        )
    }

    mutating func add(_ data: RewardData) {
        guard spec.updateEpochs > 0 else { return }
        let texts = data.elements(ElementReader(spec).needs).map { element in
            element.map { data.rendered($0, spec.rewardModel) }
        }
        let longest = Self.longest(texts, Self.sampleCount) { element in
            element.reduce(0) { $0 + $1.utf8.count }
        }
        add(longest.map { element in element.map { .init(prompt: .text($0)) } })
    }

    private mutating func add(_ elements: [[WorkerRequest.EncodeItem]]) {
        workload.elements = Self.longest(elements, Self.sampleCount) { element in
            element.reduce(0) { $0 + $1.prompt.byteCount + ($1.completion?.utf8.count ?? 0) }
        }
    }

    private static func longest<Element>(
        _ list: [Element],
        _ count: Int,
        by size: (Element) -> Int
    ) -> [Element] {
        let sizes = list.map(size)
        let order = list.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
        return order.prefix(count).map { list[$0] }
    }
}

extension [WorkerReply.Planned] {
    /// Memory of workers that run side by side: a file that several of them map is there once.
    var memoryTogether: Int {
        let own = reduce(0) { $0 + $1.memoryBytes - $1.sharedBytes }
        return Dictionary(grouping: self, by: \.weightsFolder).values
            .reduce(own) { $0 + ($1.map(\.sharedBytes).max() ?? 0) }
    }
}
