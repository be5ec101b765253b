import Domain
import Testing

@testable import Scheduling

@Suite struct LearningRateTests {
    private func optimizer(
        _ schedule: OptimizerSpec.Schedule,
        peak: Double,
        warmupSteps: Int
    ) -> OptimizerSpec {
        var optimizer = OptimizerSpec()
        (optimizer.schedule, optimizer.learningRate) = (schedule, peak)
        optimizer.warmupSteps = warmupSteps
        return optimizer
    }

    @Test func `warm-up rises in a straight line to the peak`() {
        let optimizer = optimizer(.constant, peak: 1, warmupSteps: 4)
        #expect((0..<6).map { optimizer.rate(at: $0, of: 10) } == [0.25, 0.5, 0.75, 1, 1, 1])
    }

    @Test func `linear falls to zero at the end`() {
        let optimizer = optimizer(.linear, peak: 2, warmupSteps: 0)
        #expect([0, 5, 10].map { optimizer.rate(at: $0, of: 10) } == [2, 1, 0])
    }

    @Test func `cosine passes half the peak half-way after warm-up`() {
        let optimizer = optimizer(.cosine, peak: 1, warmupSteps: 2)
        #expect(optimizer.rate(at: 2, of: 12) == 1)
        #expect(abs(optimizer.rate(at: 7, of: 12) - 0.5) < 1e-15)
        #expect(abs(optimizer.rate(at: 12, of: 12)) < 1e-15)
    }

    @Test(arguments: OptimizerSpec.Schedule.allCases)
    func `is finite and within the peak for odd lengths`(_ schedule: OptimizerSpec.Schedule) {
        for (warmup, total) in [(0, 0), (5, 3), (3, 3), (0, 1)] {
            let optimizer = optimizer(schedule, peak: 3, warmupSteps: warmup)
            for step in 0..<10 {
                #expect((0...3).contains(optimizer.rate(at: step, of: total)))
            }
        }
    }
}
