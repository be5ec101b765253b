import Domain

// The sampling lane, where phases overlap. With s = `shape.maxStaleness`:
//
// **Invariant**: iteration k is sampled by the policy after iteration k - 1 - s (or by the first
// one, when that lies before the run). So what is sampled depends on the spec alone, not on which
// lane is faster.
//
// **Invariant**: the checkpoint of iteration c is written when iteration c + s is sampled. So a
// run that goes on from it needs no policy from before c: what those sampled is in the store.
extension RunMachine {
    /// Lets the sampling lane begin, once, when what it needs of the run as opened is there.
    ///
    /// It goes through what is stored already too, which takes no policy.
    mutating func openSampling(after iteration: Int) {
        guard shape.overlaps, nextSample == nil else { return }
        nextSample = WorkUnit(.sample, iteration: iteration + 1)
    }

    /// Gives the idle lane its next unit, if the policy for it is there.
    mutating func assignSampling() {
        guard state == .running, sampling == nil, let next = nextSample, maySample(next.iteration)
        else { return }
        sampling = next
    }

    /// A run about to stop still samples what a checkpoint waits for and no more, so that what
    /// is stored at its end does not depend on which lane was faster either.
    private func maySample(_ iteration: Int) -> Bool {
        iteration <= shape.iterations
            && shape.samplingPolicy(of: iteration) <= finishedIteration - (isStopping ? 1 : 0)
    }

    /// Whether some iteration after `iteration` is sampled by the policy as it then is.
    func samplesWithPolicy(after iteration: Int) -> Bool {
        guard shape.overlaps, iteration < shape.iterations else { return false }
        return iteration == shape.firstIteration
            || iteration + 1 + shape.maxStaleness <= shape.iterations
    }

    /// The iteration up to which a unit of the main lane waits for samples; `nil` for units that
    /// are work.
    func awaitedIteration(_ unit: WorkUnit) -> Int? {
        switch unit.stage {
        case .awaitSamples: unit.iteration
        case .drain: min(unit.iteration + shape.maxStaleness, shape.iterations)
        default: nil
        }
    }

    /// Whether all completions of the iterations up to `iteration` are stored.
    func hasSampled(_ iteration: Int) -> Bool {
        nextSample.map { $0.iteration > iteration } ?? false
    }

    mutating func finishSampling() -> Effect? {
        guard state == .running, let done = sampling else { return nil }
        losses[done] = nil
        sampling = nil
        let isLast = done.index + 1 >= sampleUnits
        nextSample =
            isLast
            ? WorkUnit(.sample, iteration: done.iteration + 1)
            : WorkUnit(.sample, iteration: done.iteration, index: done.index + 1)
        return goOnWaiting()
    }

    /// The learner is not concerned: the unit is done again by another worker.
    mutating func loseSampler(_ cause: HoneError) -> Effect? {
        guard state == .running, let lost = sampling else { return nil }
        sampling = nil
        let count = (losses[lost] ?? 0) + 1
        losses[lost] = count
        guard count < Self.lossLimit else { return fail(tooManyLosses(of: lost, count, cause)) }
        return goOnWaiting()
    }

    /// The main lane's wait is a boundary too: a request is honoured, or the samples are there.
    private mutating func goOnWaiting() -> Effect? {
        guard let waiting = unit, let last = awaitedIteration(waiting) else { return nil }
        if let intent { return rest(intent) }
        return hasSampled(last) ? proceed(to: following(waiting)) : nil
    }

    /// What a run fails with when one unit loses its worker again and again.
    func tooManyLosses(of unit: WorkUnit, _ count: Int, _ cause: HoneError) -> HoneError {
        let message = "\(unit.words) lost its worker \(count) times in a row: \(cause.message)"
        return HoneError(cause.code, message, param: cause.param)
    }
}
