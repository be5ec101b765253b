import Domain
import Testing

extension EndToEndTests {
    /// What can be done to runs.
    @Suite struct ControlTests {
        @Test func `a run is paused, resumed, cancelled and deleted`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.online("long", iterations: 500))
                try await honed.submit(Specs.online("next", iterations: 1))
                #expect(try await honed.get("/v1/runs/next")["queue_position"] == 1)
                try await honed.wait("long", iteration: 1)
                #expect(try await honed.delete("/v1/runs/long").status == 409)
                #expect(try await honed.post("/v1/runs/long/pause").status == 200)
                let paused = try await honed.wait("long", "paused")
                // A paused run leaves its place to the next one.
                try await honed.wait("next")
                let later = try await honed.get("/v1/runs/long")
                #expect(later["iteration"] == paused["iteration"])
                #expect(try await honed.post("/v1/runs/long/resume").status == 200)
                let iteration = try #require(paused["iteration"]?.integerValue)
                try await honed.wait("long", iteration: iteration + 1)
                #expect(try await honed.post("/v1/runs/long/cancel").status == 200)
                try await honed.wait("long", "cancelled")
                let gone = try await honed.delete("/v1/runs/long")
                #expect(gone.status == 200 && gone["deleted"] == true, "\(gone)")
                #expect(try await honed.get("/v1/runs/long").status == 404)
                #expect(try await honed.get("/v1/runs").data.map { $0["name"] } == ["next"])
                #expect(try await honed.post("/v1/runs/next/cancel").status == 409)
            }
        }

        @Test func `the same spec gives the same run, another one lists the differences`()
            async throws
        {
            try await Honed.with { honed in
                let spec = Specs.online("twice", iterations: 1)
                let first = try await honed.post("/v1/runs", spec)
                let second = try await honed.post("/v1/runs", spec)
                #expect(first.status == 202 && second.status == 200)
                #expect(first["id"] != nil && first["id"] == second["id"])
                let other = try await honed.post("/v1/runs", spec.with(["seed": 4]))
                #expect(other.status == 409 && other.message.contains("$.seed: 3 → 4"), "\(other)")
                try await honed.wait("twice")
            }
        }

        @Test func `a fork goes on from a checkpoint with changed fields`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.online("trunk", iterations: 2))
                try await honed.wait("trunk")
                let forked = try await honed.post(
                    "/v1/runs/trunk/fork",
                    [
                        "iteration": 1,
                        "changes": [
                            "name": "branch", "iterations": 3,
                            "optimizer": ["learning_rate": 1e-4],
                        ],
                    ]
                )
                try #require(forked.status == 202, "\(forked)")
                let branch = try await honed.wait("branch")
                #expect(branch["parent"] != nil)
                #expect(branch["spec"]?["optimizer"]?["learning_rate"]?.doubleValue == 1e-4)
                let metrics = try await honed.get("/v1/runs/branch/metrics").data
                #expect(metrics.map { $0["iteration"] } == [2, 3])
                #expect(try await honed.get("/v1/models/branch").status == 200)
                let missing = try await honed.post(
                    "/v1/runs/trunk/fork",
                    ["iteration": 9, "changes": ["name": "twig"]]
                )
                #expect(missing.status == 404 && missing.message.contains("trunk@2"), "\(missing)")
            }
        }

        @Test func `a spec is only validated when asked`() async throws {
            try await Honed.with { honed in
                let reply = try await honed.post(
                    "/v1/runs?validate=true",
                    Specs.online("wish").with(["model": "tinny"])
                )
                #expect(reply.status == 200 && reply["valid"] == false)
                let fine = try await honed.post("/v1/runs?validate=true", Specs.online("wish"))
                #expect(fine["valid"] == true, "\(fine)")
                #expect((fine["memory_bytes"]?.integerValue ?? 0) > 0)
                #expect((fine["disk_bytes"]?.integerValue ?? 0) > 0)
                #expect(try await honed.get("/v1/runs").data.isEmpty)
            }
        }
    }
}
