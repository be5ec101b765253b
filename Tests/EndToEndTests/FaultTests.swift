import Foundation
import Testing

extension EndToEndTests {
    /// A small share of `scripts/test-faults`; the whole of it takes half an hour.
    @Suite struct FaultTests {
        /// strace injects some faults; where it is missing those are left to the script, which
        /// installs it.
        private static let hasTracer = FileManager.default.isExecutableFile(
            atPath: "/usr/bin/strace"
        )

        private func play(_ program: String, count: Int) async throws {
            let script = try Program(
                script: "scripts/faults/\(program).py",
                ["--quick", "--count", "\(count)"]
            )
            let code = try await script.exitCode(within: .seconds(900))
            #expect(
                code == 0 && script.output.contains("held "),
                "\(script.output)\(script.errors)"
            )
        }

        @Test func `killed daemons lose and double nothing`() async throws {
            try await play("kill_daemon", count: 6)
        }

        @Test func `killed runs end in the same bytes`() async throws {
            try await play("resume", count: 4)
        }

        @Test func `it ends when told, with a checkpoint and a word to its followers`() async throws
        {
            try await play("ends", count: 1)
        }

        @Test(.enabled(if: hasTracer)) func `a lost flush is never acknowledged`() async throws {
            try await play("fsync_error", count: 1)
        }

        @Test(.enabled(if: hasTracer)) func `a crash in a save leaves a checkpoint that loads`()
            async throws
        {
            try await play("checkpoint_crash", count: 2)
        }
    }
}
