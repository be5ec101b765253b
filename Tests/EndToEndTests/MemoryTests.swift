import Domain
import Foundation
import Testing

extension EndToEndTests {
    /// Nothing grows without end.
    @Suite struct MemoryTests {
        private static let megabyte = 1 << 20

        /// Memory that a process holds now, bytes (proc(5)).
        private static func residentBytes(_ process: Int32) throws -> Int {
            let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(Int(line.split(separator: " ").dropFirst().first ?? "")) << 10
        }

        @Test func `no process grows over fifty iterations`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.rewardModel("taste"))
                try await honed.wait("taste")
                let spec = Specs.online("long", iterations: 500).with([
                    "reward": ["name": "model", "model": "taste"], "checkpoint_every": 5,
                ])
                try await honed.submit(spec)
                try await honed.wait("long", iteration: 15)
                let processes = [
                    "honed": honed.program.processID, "policy": try await honed.worker("policy"),
                    "reward": try await honed.worker("reward"),
                ]
                let before = try processes.mapValues(Self.residentBytes)
                try await honed.wait("long", iteration: 50)
                let after = try processes.mapValues(Self.residentBytes)
                for (name, start) in before {
                    let growth = (after[name] ?? .max) - start
                    let limit = max(start / 10, 8 * Self.megabyte)
                    #expect(growth < limit, "\(name) grew by \(growth) from \(start) bytes")
                }
                #expect(try await honed.post("/v1/runs/long/cancel").status == 200)
                try await honed.wait("long", "cancelled")
            }
        }
    }
}
