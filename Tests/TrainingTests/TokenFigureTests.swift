import Domain
import Kernels
import Models
import Testing

@testable import Training

@Suite struct `Token figures` {
    private static let groups = [
        SequenceGroup(prompt: [5, 17, 80], completions: [[3, 9, 41], [60]]),
        SequenceGroup(prompt: [42], completions: [[8, 8]]),
    ]

    @Test func `the exact KL from itself is 0, from another model above, and mass is at most 1`()
        throws
    {
        let policies = try ComparedPolicies()
        func figures(_ checkpoint: String?) throws -> [TokenFigure] {
            try PolicySession(
                modelFolder: policies.model.path,
                checkpointFolder: checkpoint,
                training: nil,
                referenceFolder: policies.model.path,
                policyVersion: 0,
                backend: CPUBackend(threadCount: 2)
            )
            .figures(Self.groups, topCount: 10, comparesReference: true)
            .flatMap { $0.flatMap(\.self) }
        }
        let (base, moved) = (try figures(nil), try figures(policies.checkpoint))
        #expect(base.count == 6 && moved.count == 6)
        #expect(base.allSatisfy { $0.divergence == 0 })
        #expect(moved.allSatisfy { ($0.divergence ?? 0) > 1e-4 })
        for figure in base + moved {
            #expect(figure.entropy > 0 && figure.topMass > 0.01 && figure.topMass <= 1)
        }
    }

    @Test func `as many tokens as may be asked for leave little, one the likeliest`() throws {
        let session = try TinyModel().session(threads: 1)
        func masses(_ count: Int) throws -> [Float] {
            try session.figures(Self.groups, topCount: count, comparesReference: false)
                .flatMap { $0.flatMap { $0.map(\.topMass) } }
        }
        let (one, ten, most) = (try masses(1), try masses(10), try masses(64))
        for place in one.indices {
            #expect(one[place] < ten[place] && ten[place] < most[place] && most[place] < 1)
        }
        #expect(try masses(1000) == most)
        let plain = try session.figures(Self.groups, topCount: 1, comparesReference: false)
        #expect(plain[0][0].allSatisfy { $0.divergence == nil })
    }
}
