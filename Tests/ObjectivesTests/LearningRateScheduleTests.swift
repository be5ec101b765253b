import Objectives
import Testing

@Suite struct LearningRateScheduleTests {
    @Test func `warm-up rises in a straight line to the peak`() {
        let schedule = LearningRateSchedule(.constant, peak: 1, warmupSteps: 4)
        #expect((0..<6).map { schedule.rate(at: $0, of: 10) } == [0.25, 0.5, 0.75, 1, 1, 1])
    }

    @Test func `linear falls to zero at the end`() {
        let schedule = LearningRateSchedule(.linear, peak: 2, warmupSteps: 0)
        #expect([0, 5, 10].map { schedule.rate(at: $0, of: 10) } == [2, 1, 0])
    }

    @Test func `cosine passes half the peak half-way after warm-up`() {
        let schedule = LearningRateSchedule(.cosine, peak: 1, warmupSteps: 2)
        #expect(schedule.rate(at: 2, of: 12) == 1)
        #expect(abs(schedule.rate(at: 7, of: 12) - 0.5) < 1e-15)
        #expect(abs(schedule.rate(at: 12, of: 12)) < 1e-15)
    }

    @Test(arguments: LearningRateSchedule.Shape.allCases)
    func `is finite and within the peak for odd lengths`(_ shape: LearningRateSchedule.Shape) {
        for (warmup, total) in [(0, 0), (5, 3), (3, 3), (0, 1)] {
            let schedule = LearningRateSchedule(shape, peak: 3, warmupSteps: warmup)
            for step in 0..<10 {
                #expect((0...3).contains(schedule.rate(at: step, of: total)))
            }
        }
    }
}
