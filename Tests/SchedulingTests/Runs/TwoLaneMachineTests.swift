import Domain
import Testing

@testable import Scheduling

/// The machine's two lanes, finished in any order.
struct TwoLaneMachineTests {
    private struct Driver {
        var machine: RunMachine
        /// Units done, in order.
        var done: [WorkUnit] = []
        var work: WorkUnit?

        init(_ machine: RunMachine, checkpoint: Int?) {
            self.machine = machine
            take(.started(checkpoint: checkpoint))
        }

        mutating func take(_ event: RunMachine.Event) {
            if case .perform(let unit)? = machine.handle(event) { work = unit }
        }

        /// Ends the unit of one lane, if it has one.
        mutating func finish(sampling: Bool) {
            if sampling, let unit = machine.sampling {
                done.append(unit)
                take(.sampled)
            } else if !sampling, let unit = work {
                done.append(unit)
                work = nil
                take(.finished(.init(updateSteps: unit.stage == .pair ? 2 : nil)))
            }
        }

        mutating func run(_ generator: inout PhiloxSequence, steps: Int = .max) {
            var left = steps
            while machine.state == .running, left > 0 {
                let canChoose = machine.sampling != nil && work != nil
                finish(
                    sampling: canChoose
                        ? Bool.random(using: &generator) : machine.sampling != nil
                )
                left -= 1
            }
        }
    }

    private func shape(_ staleness: Int, first: Int = 0) -> RunShape {
        RunShape(
            learning: .online(sampleUnits: 2),
            iterations: 7,
            firstIteration: first,
            evaluationUnits: 1,
            evaluateEvery: 2,
            checkpointEvery: 3,
            maxStaleness: staleness
        )
    }

    /// Every unit finds what it needs, by the units done before it.
    private func check(_ done: [WorkUnit], _ shape: RunShape, from opened: Int) {
        for (place, unit) in done.enumerated() {
            let before = done[..<place]
            func sampled(_ iteration: Int) -> Bool {
                before.count { $0.stage == .sample && $0.iteration == iteration } == 2
            }
            switch unit.stage {
            case .sample:
                let policy = shape.samplingPolicy(of: unit.iteration)
                // What older policies sampled is in the store.
                let isStored = unit.iteration <= opened + shape.maxStaleness && opened > 0
                #expect(
                    isStored || before.contains { $0.stage == .snapshot && $0.iteration == policy }
                )
            case .score: #expect(sampled(unit.iteration))
            case .checkpoint:
                let last = min(unit.iteration + shape.maxStaleness, shape.iterations)
                for iteration in unit.iteration..<last { #expect(sampled(iteration + 1)) }
            default: break
            }
        }
    }

    @Test(arguments: [1, 2, 5], [0, 4])
    func `whatever lane is faster, every unit finds what it needs`(_ staleness: Int, _ first: Int) {
        let shape = shape(staleness, first: first)
        for seed in 0..<40 {
            var generator = PhiloxSequence(seed: UInt64(seed), stream: 0)
            var driver = Driver(RunMachine(shape: shape), checkpoint: first > 0 ? first : nil)
            driver.run(&generator)
            #expect(driver.machine.state == .succeeded)
            check(driver.done, shape, from: 0)
            let sampled = driver.done.filter { $0.stage == .sample }
            #expect(sampled.map(\.iteration) == ((first + 1)...7).flatMap { [$0, $0] })
            let learned = driver.done.filter { $0.stage == .update }
            #expect(learned.map(\.iteration) == ((first + 1)...7).flatMap { [$0, $0] })
        }
    }

    @Test(arguments: [1, 2, 5])
    func `killed at any moment it goes on from its checkpoint`(_ staleness: Int) {
        let shape = shape(staleness)
        for steps in 0..<90 {
            var generator = PhiloxSequence(seed: UInt64(steps), stream: 1)
            var driver = Driver(RunMachine(shape: shape), checkpoint: nil)
            driver.run(&generator, steps: steps)
            guard driver.machine.state == .running else { continue }
            let kept = driver.done.last { $0.stage == .checkpoint }?.iteration
            if let kept {
                let stored = Set(driver.done.filter { $0.stage == .sample }.map(\.iteration))
                let owed = (1...7).filter { $0 > kept && $0 <= kept + staleness }
                #expect(stored.isSuperset(of: owed))
            }
            var again = Driver(driver.machine, checkpoint: kept)
            again.run(&generator)
            #expect(again.machine.state == .succeeded)
            check(again.done, shape, from: kept ?? 0)
            let learned = again.done.filter { $0.stage == .update }.map(\.iteration)
            #expect(learned == ((kept ?? 0)..<7).flatMap { [$0 + 1, $0 + 1] })
        }
    }

    @Test func `a lost learner goes back to its checkpoint, the sampler does not`() {
        var generator = PhiloxSequence(seed: 3, stream: 2)
        let shape = shape(2)
        var driver = Driver(RunMachine(shape: shape), checkpoint: nil)
        while driver.work?.stage != .update || driver.work?.iteration != 5 {
            driver.run(&generator, steps: 1)
        }
        let next = driver.machine.nextSample
        driver.take(.lost(HoneError(.workerLost, "killed")))
        #expect(driver.work == WorkUnit(.open, iteration: 3))
        #expect(driver.machine.nextSample == next)
        driver.run(&generator)
        #expect(driver.machine.state == .succeeded)
        let sampled = driver.done.filter { $0.stage == .sample }
        #expect(sampled.count == 2 * 7)
    }

    @Test func `without staleness there is one lane`() {
        var generator = PhiloxSequence(seed: 0, stream: 3)
        var driver = Driver(RunMachine(shape: shape(0)), checkpoint: nil)
        while driver.machine.state == .running {
            #expect(driver.machine.sampling == nil)
            driver.run(&generator, steps: 1)
        }
        let stages = Set(driver.done.map(\.stage))
        #expect(stages.isDisjoint(with: [.snapshot, .awaitSamples, .drain]))
    }
}
