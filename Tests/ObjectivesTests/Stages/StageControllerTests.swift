import Domain
import Foundation
import Objectives
import Testing

@Suite struct StageControllerTests {
    private func controller(
        _ name: String,
        _ parameters: Value = [:]
    ) throws -> any StageController {
        try StageCatalogue.controller(
            NamedParameters(name: name, parameters: parameters),
            path: "$"
        )
    }

    @Test(arguments: [(3, 0.197952), (6, 0.2), (6.5, 0.200853), (20, 0.202048)])
    func `the adaptive KL matches the published vector`(_ kl: Double, _ expected: Double) throws {
        let controller = try controller("adaptive_kl")
        let metrics = ["rollout/kl": kl, "rollout/completions": 512]
        let found = controller.setting(after: [metrics], coefficient: 0.2)
        #expect(abs(found - expected) < 5e-7)
    }

    @Test func `RL4LMs moves by a tenth of the error, whatever the count`() throws {
        let controller = try controller("adaptive_kl", ["variant": "rl4lms", "target": 10])
        let metrics = ["rollout/kl": 11, "rollout/completions": 1.0]
        #expect(abs(controller.setting(after: [metrics], coefficient: 0.2) - 0.202) < 1e-15)
        let far = ["rollout/kl": 100, "rollout/completions": 1.0]
        #expect(abs(controller.setting(after: [far], coefficient: 0.2) - 0.204) < 1e-15)
    }

    @Test func `a short horizon never turns the coefficient's sign`() throws {
        let controller = try controller("adaptive_kl", ["horizon": 1])
        let metrics = ["rollout/kl": 0, "rollout/completions": 512.0]
        #expect(abs(controller.setting(after: [metrics], coefficient: 1) - 0.8) < 1e-15)
    }

    @Test func `the entropy's bonus rises below its target and is not paid above`() throws {
        let controller = try controller("adaptive_entropy")
        let (low, high) = (["rollout/entropy": 0.1], ["rollout/entropy": 0.3])
        #expect(controller.setting(after: [], coefficient: 0.01) == 0.01)
        #expect(abs(controller.setting(after: [low, low], coefficient: 0) - 0.01) < 1e-15)
        #expect(controller.setting(after: [low, low, high], coefficient: 0) == 0)
        let again = controller.setting(after: [low, low, high, low], coefficient: 0)
        #expect(abs(again - 0.01) < 1e-15)
        let many = [[String: Double]](repeating: low, count: 500)
        #expect(controller.setting(after: many, coefficient: 0) == 1)
    }

    @Test func `the multiplier climbs while the cost is above its limit, up to the largest`() throws
    {
        let parameters: Value = [
            "cost": "harm", "limit": 0.5, "learning_rate": 0.1, "maximum": 3,
        ]
        let controller = try controller("lagrange", parameters)
        #expect(controller.setting(after: [], coefficient: 0) == 1)
        let above = controller.setting(after: [["rollout/cost": 1.5]], coefficient: 0)
        #expect(abs(above - exp(0.1)) < 1e-15)
        let second = controller.setting(
            after: [["rollout/cost": 1.5], ["rollout/cost": 1.5]],
            coefficient: 0
        )
        #expect(abs(second - exp(0.1 + 0.1 * exp(0.1))) < 1e-14)
        let below = controller.setting(after: [["rollout/cost": -0.5]], coefficient: 0)
        #expect(abs(below - exp(-0.1)) < 1e-15)
        let many = [[String: Double]](repeating: ["rollout/cost": 100], count: 9)
        #expect(abs(controller.setting(after: many, coefficient: 0) - 3) < 1e-12)
        let falling = [[String: Double]](repeating: ["rollout/cost": -1e9], count: 9)
        #expect(controller.setting(after: falling, coefficient: 0) > 0)
    }

    @Test(arguments: StageCatalogue.controllers.map { $0.name })
    func `an iteration without what is observed changes nothing`(_ name: String) throws {
        let controller = try controller(name, name == "lagrange" ? ["cost": "harm"] : [:])
        let none = controller.setting(after: [], coefficient: 0.3)
        #expect(controller.setting(after: [["reward/mean": 3]], coefficient: 0.3) == none)
        #expect(none.isFinite)
    }

    @Test func `an initial multiplier above the largest is refused`() {
        let faults = #expect(throws: Faults.self) {
            try controller("lagrange", ["cost": "harm", "initial": 5, "maximum": 2])
        }
        #expect(faults?.list.map(\.path) == ["$.initial"])
    }
}
