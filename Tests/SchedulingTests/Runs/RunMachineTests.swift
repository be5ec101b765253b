import Domain
import Testing

@testable import Scheduling

struct RunMachineTests {
    private static let online = RunShape(
        learning: .online(sampleUnits: 2),
        iterations: 3,
        evaluationUnits: 1,
        evaluateEvery: 2,
        checkpointEvery: 2
    )
    private static let fixed = RunShape(
        learning: .fixed(totalSteps: 5),
        iterations: 2,
        encodeUnits: 2,
        fitsHead: true
    )
    private static let fork = RunShape(
        learning: .online(sampleUnits: 1),
        iterations: 4,
        firstIteration: 3,
        evaluationUnits: 1
    )

    private func outcome(_ unit: WorkUnit) -> RunMachine.Outcome {
        .init(updateSteps: unit.stage == .pair ? 2 : nil)
    }

    /// Runs to the end; `disturb` may give another event in place of a unit's end.
    private func run(
        _ machine: RunMachine,
        checkpoint: Int? = nil,
        disturb: (inout RunMachine, WorkUnit, Int) -> RunMachine.Event? = { _, _, _ in nil }
    ) -> (machine: RunMachine, units: [WorkUnit]) {
        var machine = machine
        var units: [WorkUnit] = []
        var effect = machine.handle(.started(checkpoint: checkpoint))
        while case .perform(let unit) = effect, units.count < 500 {
            units.append(unit)
            let event = disturb(&machine, unit, units.count - 1)
            effect = machine.handle(event ?? .finished(outcome(unit)))
        }
        return (machine, units)
    }

    private func words(_ units: [WorkUnit]) -> [String] {
        units.map { "\($0.stage) \($0.iteration).\($0.index)" }
    }

    @Test func `a damaged checkpoint is passed over for the one before`() {
        var machine = RunMachine(shape: Self.fixed)
        #expect(machine.handle(.started(checkpoint: 2)) == .perform(.init(.open, iteration: 2)))
        let again = machine.handle(.fellBack(checkpoint: 1))
        #expect(again == .perform(.init(.open, iteration: 1)))
        #expect(machine.checkpointIteration == 1 && machine.finishedIteration == 1)
        #expect(
            machine.handle(.fellBack(checkpoint: nil)) == .perform(.init(.open, iteration: 0))
        )
        #expect(machine.state == .running && machine.losses.isEmpty)
    }

    @Test func `a refill samples and scores its own units before there are steps`() {
        var machine = RunMachine(
            shape: RunShape(learning: .online(sampleUnits: 2), iterations: 1, checkpointEvery: 9)
        )
        var units: [WorkUnit] = []
        var effect = machine.handle(.started(checkpoint: nil))
        while case .perform(let unit) = effect, units.count < 50 {
            units.append(unit)
            var outcome = outcome(unit)
            if unit.stage == .pair, unit.index == 0 {
                let first = SamplingRound(prompts: 100, groupSize: 2)
                outcome = .init(refill: SamplingRound(after: first, prompts: 60, groupSize: 2))
            }
            effect = machine.handle(.finished(outcome))
        }
        #expect(machine.state == .succeeded)
        // Rounds of 100 and 60 prompts in units of 48: three units were the first's own.
        #expect(
            words(units).dropFirst() == [
                "sample 1.0", "sample 1.1", "score 1.0", "score 1.1", "pair 1.0",
                "sample 1.3", "sample 1.4", "score 1.3", "score 1.4", "pair 1.1",
                "update 1.0", "update 1.1", "measure 1.0", "checkpoint 1.0", "publish 1.0",
            ]
        )
    }

    @Test func `the places of a refill go on where the round before ended`() {
        let first = SamplingRound(prompts: 100, groupSize: 2)
        let second = SamplingRound(after: first, prompts: 60, groupSize: 2)
        #expect(
            (0..<3).map { first.places(ofUnit: $0, groupSize: 2) } == [0..<48, 48..<96, 96..<100]
        )
        #expect((3..<5).map { second.places(ofUnit: $0, groupSize: 2) } == [100..<148, 148..<160])
        #expect(second.number == 1 && second.endUnit == 5 && second.endPlace == 160)
    }

    @Test func `an online run's units come in order`() {
        let (machine, units) = run(RunMachine(shape: Self.online))
        #expect(machine.state == .succeeded)
        #expect(
            words(units) == [
                "open 0.0", "evaluationSample 0.0", "evaluationScore 0.0", "measure 0.0",
                "sample 1.0", "sample 1.1", "score 1.0", "score 1.1", "pair 1.0", "update 1.0",
                "update 1.1", "measure 1.0",
                "sample 2.0", "sample 2.1", "score 2.0", "score 2.1", "pair 2.0", "update 2.0",
                "update 2.1", "evaluationSample 2.0", "evaluationScore 2.0", "measure 2.0",
                "checkpoint 2.0",
                "sample 3.0", "sample 3.1", "score 3.0", "score 3.1", "pair 3.0", "update 3.0",
                "update 3.1", "evaluationSample 3.0", "evaluationScore 3.0", "measure 3.0",
                "checkpoint 3.0", "publish 3.0",
            ]
        )
    }

    @Test func `a run on fixed data divides its steps among the iterations`() {
        let (machine, units) = run(RunMachine(shape: Self.fixed))
        #expect(machine.state == .succeeded)
        #expect(
            words(units) == [
                "open 0.0", "encode 0.0", "encode 0.1", "fitHead 0.0", "measure 0.0",
                "update 1.0", "update 1.1", "measure 1.0", "checkpoint 1.0",
                "update 2.0", "update 2.1", "update 2.2", "measure 2.0", "checkpoint 2.0",
                "publish 2.0",
            ]
        )
    }

    @Test func `a fork counts on from its origin`() {
        let (_, units) = run(RunMachine(shape: Self.fork), checkpoint: 3)
        #expect(words(units).first == "open 3.0")
        #expect(units.filter { $0.stage == .sample }.map(\.iteration) == [4])
    }

    @Test(arguments: [online, fixed, fork])
    func `killed at any unit, a machine goes on from its newest checkpoint and ends`(
        _ shape: RunShape
    ) {
        let first = shape.firstIteration > 0 ? shape.firstIteration : nil
        let whole = run(RunMachine(shape: shape), checkpoint: first).units
        for place in whole.indices {
            var persisted = RunMachine(shape: shape)
            var effect = persisted.handle(.started(checkpoint: first))
            for unit in whole[..<place] { effect = persisted.handle(.finished(outcome(unit))) }
            #expect(effect == .perform(whole[place]))
            let kept = whole[..<place].last { $0.stage == .checkpoint }?.iteration ?? first
            let again = run(persisted, checkpoint: kept)
            #expect(again.machine.state == .succeeded)
            // Every unit after the checkpoint is done again, in the same order.
            let rest = whole.drop {
                $0.stage == .open || $0.stage == .encode
                    || (kept != nil && kept != first && $0.iteration <= kept ?? 0
                        && $0.stage != .publish)
            }
            let redone = again.units.drop { $0.stage == .open || $0.stage == .encode }
            #expect(Array(redone) == Array(rest), "killed at \(whole[place])")
        }
    }

    @Test(arguments: [online, fixed])
    func `a worker lost at any unit costs a replay, not the run`(_ shape: RunShape) {
        let whole = run(RunMachine(shape: shape)).units
        for place in whole.indices {
            let cause = HoneError(.workerLost, "killed")
            let result = run(RunMachine(shape: shape)) { _, _, count in
                count == place ? .lost(cause) : nil
            }
            #expect(result.machine.state == .succeeded)
            #expect(result.units[place + 1].stage == .open)
        }
    }

    @Test func `a unit that loses its worker three times fails the run, whatever comes between`() {
        let result = run(RunMachine(shape: Self.online)) { _, unit, _ in
            unit == WorkUnit(.update, iteration: 3, index: 1)
                ? .lost(HoneError(.workerLost, "killed by SIGKILL")) : nil
        }
        #expect(result.machine.state == .failed)
        #expect(result.machine.error?.message.contains("SIGKILL") == true)
        #expect(result.units.filter { $0.stage == .open }.count == 3)
        #expect(result.machine.checkpointIteration == 2)
    }

    @Test(arguments: [RunMachine.Intent.pause, .cancel])
    func `a request is acted on at the next boundary of any unit`(_ intent: RunMachine.Intent) {
        let whole = run(RunMachine(shape: Self.online)).units
        for place in whole.indices.dropLast() {
            let result = run(RunMachine(shape: Self.online)) { machine, unit, count in
                if count == place {
                    let effect = machine.handle(.requested(intent))
                    #expect(effect == nil)
                }
                return nil
            }
            #expect(result.machine.state == (intent == .pause ? .paused : .cancelled))
            #expect(result.units.count == place + 1)
            let resumed = run(
                result.machine,
                checkpoint: result.machine.checkpointIteration
            )
            #expect(resumed.machine.state == .succeeded)
        }
    }

    @Test func `the process's end leaves a run running, with what is done in a checkpoint`() {
        for shape in [Self.online, Self.fixed, Self.fork] {
            let whole = run(RunMachine(shape: shape), checkpoint: nil).units
            for place in whole.indices.dropLast() {
                let halted = run(RunMachine(shape: shape)) { machine, unit, count in
                    if count == place { _ = machine.handle(.requested(.stop)) }
                    return nil
                }
                guard halted.machine.state == .running else {
                    // It was so far that it came to its end.
                    #expect(halted.machine.state == .succeeded)
                    #expect(whole[place].iteration == shape.iterations)
                    continue
                }
                // Nothing that is done is left out, and no checkpoint is of a policy that moved on.
                let newest = halted.machine.checkpointIteration ?? shape.firstIteration
                #expect(newest == halted.machine.finishedIteration)
                let steps = halted.units.filter { $0.stage == .update }.map(\.iteration)
                #expect((steps.last ?? 0) <= newest)
                let resumed = run(
                    halted.machine,
                    checkpoint: halted.machine.checkpointIteration
                )
                #expect(resumed.machine.state == .succeeded)
                #expect(
                    resumed.units.filter { $0.stage == .update }.count + steps.count
                        == whole.filter { $0.stage == .update }.count
                )
            }
        }
    }

    @Test func `sampling that is broken off by the process's end leads to a checkpoint`() {
        let sample = WorkUnit(.sample, iteration: 2, index: 1)
        let halted = run(RunMachine(shape: Self.online)) { machine, unit, _ in
            guard unit == sample else { return nil }
            _ = machine.handle(.requested(.stop))
            return .brokenOff
        }
        #expect(halted.units.last == WorkUnit(.checkpoint, iteration: 1))
        #expect(halted.machine.state == .running)
    }

    @Test func `a checkpoint that cannot be written at the process's end costs only time`() {
        let halted = run(RunMachine(shape: Self.online)) { machine, unit, _ in
            if unit == WorkUnit(.score, iteration: 2) { _ = machine.handle(.requested(.stop)) }
            return unit.stage == .checkpoint ? .failed(HoneError(.diskFull, "no space")) : nil
        }
        #expect(halted.machine.state == .running)
        #expect(halted.machine.checkpointIteration == nil)
        let resumed = run(halted.machine, checkpoint: nil)
        #expect(resumed.machine.state == .succeeded)
    }

    @Test func `the process's end takes neither a pause nor a cancellation back`() {
        for intent in [RunMachine.Intent.pause, .cancel] {
            let halted = run(RunMachine(shape: Self.online)) { machine, _, count in
                guard count == 3 else { return nil }
                _ = machine.handle(.requested(intent))
                _ = machine.handle(.requested(.stop))
                return nil
            }
            #expect(halted.machine.state == (intent == .pause ? .paused : .cancelled))
        }
    }

    @Test func `a pause that was waiting when the process died still holds`() {
        var machine = RunMachine(shape: Self.online)
        _ = machine.handle(.started(checkpoint: nil))
        _ = machine.handle(.requested(.pause))
        let effect = machine.handle(.started(checkpoint: nil))
        #expect(effect == .halt)
        #expect(machine.state == .paused)
    }

    @Test func `a later pause does not take a cancellation back`() {
        let result = run(RunMachine(shape: Self.online)) { machine, _, count in
            if count == 1 {
                _ = machine.handle(.requested(.cancel))
                _ = machine.handle(.requested(.pause))
            }
            return nil
        }
        #expect(result.machine.state == .cancelled)
    }

    @Test func `a stop rule leads to a checkpoint and the publication, also over a crash`() {
        var machine = RunMachine(shape: Self.online)
        var effect = machine.handle(.started(checkpoint: nil))
        while case .perform(let unit) = effect, unit.stage != .publish {
            let stops = unit.stage == .measure && unit.iteration == 1
            effect = machine.handle(
                .finished(.init(updateSteps: unit.stage == .pair ? 1 : nil, stops: stops))
            )
        }
        #expect(machine.checkpointIteration == 1)
        #expect(effect == .perform(WorkUnit(.publish, iteration: 1)))
        let again = run(machine, checkpoint: 1)
        #expect(words(again.units) == ["open 1.0", "publish 1.0"])
        #expect(again.machine.state == .succeeded)
    }

    @Test(arguments: [nil, 1])
    func `a stop rule is forgotten with the iteration that it held of`(checkpoint: Int?) {
        var machine = RunMachine(shape: Self.online)
        var effect = machine.handle(.started(checkpoint: nil))
        var stops = false
        while case .perform(let unit) = effect, !stops {
            stops = unit.stage == .measure && unit.iteration == 2
            effect = machine.handle(
                .finished(.init(updateSteps: unit.stage == .pair ? 1 : nil, stops: stops))
            )
        }
        // Killed before the checkpoint of iteration 2 was there.
        let again = run(machine, checkpoint: checkpoint)
        #expect(again.units.contains { $0.stage == .measure && $0.iteration == 2 })
        #expect(again.units.last == WorkUnit(.publish, iteration: Self.online.iterations))
    }

    @Test func `an external run keeps a client's steps before it rests`() {
        let shape = RunShape(learning: .external, iterations: 1, checkpointEvery: 10)
        var machine = RunMachine(shape: shape)
        _ = machine.handle(.started(checkpoint: nil))
        var effect = machine.handle(.finished(.init()))
        #expect(effect == .perform(WorkUnit(.serve, iteration: 1)))
        _ = machine.handle(.finished(.init()))
        effect = machine.handle(.finished(.init()))
        #expect(effect == .perform(WorkUnit(.serve, iteration: 2)))
        _ = machine.handle(.requested(.pause))
        effect = machine.handle(.finished(.init(isInterrupted: true)))
        #expect(effect == .perform(WorkUnit(.checkpoint, iteration: 1)))
        effect = machine.handle(.finished(.init()))
        #expect(effect == .halt)
        #expect(machine.state == .paused)
    }

    @Test func `a failure is final and keeps the checkpoint`() {
        let result = run(RunMachine(shape: Self.online)) { _, unit, _ in
            unit.iteration == 3 ? .failed(HoneError(.notANumber, "layers.0 is NaN")) : nil
        }
        #expect(result.machine.state == .failed)
        #expect(result.machine.error?.message == "layers.0 is NaN")
        #expect(result.machine.checkpointIteration == 2)
    }

    @Test func `fixed steps cover the whole range, whatever the numbers`() {
        for (total, parts) in [(0, 1), (5, 2), (7, 7), (100, 3), (Int.max, 1000)] {
            let shape = RunShape(learning: .fixed(totalSteps: total), iterations: parts)
            var next = 0
            for part in 1...parts {
                let range = shape.fixedSteps(of: part)
                #expect(range.lowerBound == next)
                next = range.upperBound
            }
            #expect(next == total)
        }
    }
}
