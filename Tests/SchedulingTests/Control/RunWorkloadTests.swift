import Domain
import Testing
import WorkerProtocol

@testable import Scheduling

@Suite struct `The workload of a run` {
    /// Objective, parameters, whether the reference is run beside the policy, and whether for
    /// completions under other prompts.
    private static let cases: [(String, Value, Bool, Bool)] = [
        ("kto", [:], true, true),
        ("kto", ["baseline": "own"], false, false),
        ("kto", ["kl_baseline": 0.5], false, false),
        ("tdpo1", [:], true, false),
        ("dpo", [:], false, false),
    ]

    @Test(arguments: cases, [RunKind.online, .offline])
    func `has the reference in steps that run it`(
        example: (String, Value, Bool, Bool),
        kind: RunKind
    ) {
        let objective = NamedParameters(name: example.0, parameters: example.1)
        let spec = RunSpec(name: "run", kind: kind, model: "tiny", objective: objective)
        let workload = RunWorkload(spec).workload
        #expect(workload.comparesReference == example.2)
        #expect(workload.scoresMismatched == example.3)
    }
}
