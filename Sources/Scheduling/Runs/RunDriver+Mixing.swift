import Domain
import Store

extension RunDriver {
    /// An iteration's own lessons with those of the file and of earlier iterations beside them.
    func mixed(_ own: Lessons, _ iteration: Int) async throws(HoneError) -> Lessons {
        var lessons = own
        if let late = try await lateLessons(iteration) {
            let name = inputs.learnsFromGroups ? "rollout/late_groups" : "rollout/late_pairs"
            lessons.metrics[name] = Double(lessons.append(late).count)
        }
        lessons.metrics.merge(try await labelMetrics(iteration)) { $1 }
        if let replay = spec.mix?.replay {
            let earlier = try await replayed(replay, before: iteration)
            let places = lessons.append(earlier)
            lessons.metrics["rollout/replayed"] = Double(places.count)
            // With a share they are taken from; without they are learned from as its own.
            if replay.share != nil { lessons.replay = places }
        }
        lessons.order = Curriculum(spec).pairOrder(Array(lessons.elements[lessons.own]))
        if spec.mix?.offline != nil {
            lessons.offline = lessons.append(try await offline())
        }
        return lessons
    }

    private func offline() async throws(HoneError) -> Lessons {
        if let offlineLessons { return offlineLessons }
        let loaded = try await fixedLessons()
        offlineLessons = loaded
        return loaded
    }

    /// What the iterations before taught, read again from what is stored of them.
    private func replayed(
        _ replay: MixSpec.Replay,
        before iteration: Int
    ) async throws(HoneError) -> Lessons {
        var all = Lessons()
        let reach = min(replay.iterations ?? iteration, iteration)
        let first = max(machine.shape.firstIteration + 1, iteration - reach)
        guard first < iteration else { return all }
        for past in first..<iteration {
            let lessons = try await ownLessons(of: past, late: iteration - past)
            _ = all.append(lessons) { element in
                guard let least = replay.minimumReward else { return true }
                return lessons.reward(of: element).map { $0 >= least } ?? false
            }
        }
        return all
    }

    /// An iteration's rollouts with a stored success in each group that failed whole, and how many
    /// groups have one.
    func withSuccesses(
        _ rollouts: [RolloutRecord],
        _ iteration: Int
    ) async throws(HoneError) -> ([RolloutRecord], Int) {
        guard let wanted = spec.mix?.successes else { return (rollouts, 0) }
        let buffer = try await successBuffer(wanted, before: iteration)
        return buffer.substituted(rollouts) { plan.successes(iteration: iteration, prompt: $0) }
    }

    private func successBuffer(
        _ wanted: MixSpec.Successes,
        before iteration: Int
    ) async throws(HoneError) -> SuccessBuffer {
        let start = (before: machine.shape.firstIteration + 1, buffer: SuccessBuffer(wanted))
        var found = successes ?? start
        if found.before > iteration { found = start }
        for past in found.before..<max(found.before, iteration) {
            found.buffer.add(try await trainingRollouts(past))
        }
        found.before = max(found.before, iteration)
        successes = found
        return found.buffer
    }
}
