import Domain
import Foundation
import Rewards
import Testing
import WorkerProtocol

@testable import Scheduling

@Suite(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")),
    .serialized
)
struct PythonRunnerTests {
    private func grade(
        _ body: String,
        _ completions: [String] = ["a", "bb", "ccc"],
        _ change: (inout PythonRunner.Limits) -> Void = { _ in }
    ) async throws -> [RewardScore] {
        var limits = PythonRunner.Limits()
        limits.processorSeconds = 1
        change(&limits)
        // What is tested holds with and without namespaces.
        let runner = try PythonRunner(limits: limits, mayHaveNetwork: true)
        let spec: Value = [
            "name": "grader",
            "grader": ["type": "python", "name": "g", "source": .string(body)],
        ]
        let host = FakeRewardHost(services: RewardServices(python: runner)) { _, _ in .done }
        return try await RewardEvaluator(spec, path: "$").score(
            completions.map {
                RewardInput(prompt: "p", completion: $0, item: ["answer": "bb"])
            },
            from: host
        )
    }

    @Test func `the function sees sample and item`() async throws {
        let scores = try await grade(
            """
            def grade(sample, item):
                same = sample["output_text"] == item["answer"]
                return same + len(sample["output_text"]) / 10
            """
        )
        #expect(scores.map(\.value) == [0.1, 1.2, 0.3])
        #expect(scores.allSatisfy { $0.components.keys.sorted() == ["g"] })
    }

    @Test func `a failure leaves its completion unscored, with what Python said`() async throws {
        let scores = try await grade(
            """
            def grade(sample, item):
                if sample["output_text"] == "bb": return 1 / 0
                if sample["output_text"] == "ccc": return float("nan")
                return sample["missing"]
            """
        )
        #expect(scores.map(\.value) == [nil, nil, nil])
        #expect(scores[0].reason?.contains("KeyError") == true)
        #expect(scores[1].reason?.contains("ZeroDivisionError") == true)
        #expect(scores[2].reason?.contains("nan") == true)
        let broken = try await grade("def grade(sample, item:")
        #expect(broken[2].reason?.contains("SyntaxError") == true)
    }

    @Test func `an endless loop is ended, and costs the others nothing`() async throws {
        let scores = try await grade(
            """
            def grade(sample, item):
                while sample["output_text"] == "bb": pass
                return 1
            """
        )
        #expect(scores.map(\.value) == [1, nil, 1])
        #expect(scores[1].reason?.contains("SIG") == true, "\(scores[1])")
    }

    @Test func `one that sleeps is ended by the clock`() async throws {
        let scores = try await grade(
            """
            import time
            def grade(sample, item):
                time.sleep(1000)
            """,
            ["a"]
        ) { $0.deadline = .milliseconds(700) }
        #expect(scores[0].reason?.contains("took longer") == true)
    }

    @Test func `memory, files and processes are limited`() async throws {
        let attempts = [
            "return len(bytearray(4 << 30))",
            "open('x', 'wb').write(b'0' * (64 << 20)); return 1",
            "import os; return os.fork() and 1",
            "import subprocess; return len(subprocess.check_output(['/bin/ls']))",
        ]
        for attempt in attempts {
            let body = "def grade(sample, item):\n    \(attempt)\n"
            let scores = try await grade(body, ["a"])
            #expect(scores[0].value == nil, "\(attempt)")
        }
    }

    @Test func `what it answers is limited`() async throws {
        let flood = try await grade(
            """
            import socket
            def grade(sample, item):
                line = socket.socket(fileno=3)
                while True: line.send(b"0" * 65536)
            """,
            ["a"]
        )
        #expect(flood[0].reason == "the grader answered too much")
    }

    @Test func `it works in an empty folder and sees nothing of ours`() async throws {
        let scores = try await grade(
            """
            import os
            def grade(sample, item):
                open(sample["output_text"], "w").write("x")
                known = set(os.environ) - {"PATH", "HOME", "LANG", "LC_CTYPE", "PWD"}
                return len(known) + 10 * (os.getcwd() != os.environ["HOME"])
            """
        )
        #expect(scores.map(\.value) == [0, 0, 0])
    }

    /// A Python on a system that gives nobody a namespace.
    private static func withoutNamespaces(
        _ body: (String) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "hone-python-\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: folder) }
        let path = folder + "/python3"
        let text = """
            #!/bin/sh
            shift 2
            driver=$(printf %s "$1" | sed 's/libc.unshare(/(lambda flags: -1)(/')
            shift
            exec /usr/bin/python3 -I -c "$driver" "$@"
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try await body(path)
    }

    @Test func `where it cannot be kept from the network it is refused, unless that is allowed`()
        async throws
    {
        try await Self.withoutNamespaces { python in
            let cases = [PythonRunner.Case(sample: [:], item: [:])]
            let code = "def grade(sample, item): return 1"
            let confined = PythonRunner(executable: python)
            let refused = await confined.grade(code, cases + cases)
            #expect(refused.map(\.value) == [nil, nil])
            #expect(refused[1].reason?.contains("--allow-python-network") == true, "\(refused)")
            await #expect {
                _ = try await confined.check()
            } throws: { error in
                let found = error as? HoneError
                return found?.code == .forbidden
                    && found?.message.contains("--allow-python-network") == true
            }
            let open = PythonRunner(executable: python, mayHaveNetwork: true)
            #expect(await open.grade(code, cases).map(\.value) == [1])
            let warning = try await open.check()
            #expect(warning?.contains("have the network") == true)
        }
    }

    @Test func `a Python that runs nothing is told of before the first grader`() async throws {
        let broken = PythonRunner(executable: "/bin/false", mayHaveNetwork: true)
        await #expect(throws: HoneError.self) { try await broken.check() }
    }

    @Test func `a grader has the network only where the check warns of it`() async throws {
        let runner = try PythonRunner(mayHaveNetwork: true)
        let isOpen = try await runner.check() != nil
        let network = "/proc/self/ns/net"
        let ours = try FileManager.default.destinationOfSymbolicLink(atPath: network)
        let code = """
            import os
            def grade(sample, item): return os.readlink("\(network)") == item["ours"]
            """
        let known = PythonRunner.Case(sample: [:], item: ["ours": .string(ours)])
        let scores = await runner.grade(code, [known])
        #expect(scores.map(\.value) == [isOpen ? 1 : 0], "\(scores)")
    }

    @Test func `graders are off unless they are allowed`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.reward = [
            "name": "grader",
            "grader": ["type": "python", "source": "def grade(sample, item): return 1"],
        ]
        let faults = try await bench.plane().validate(spec).faults
        #expect(faults.map(\.path) == ["$.reward"])
        #expect(faults.first?.message.contains("--allow-python-graders") == true)
    }
}
