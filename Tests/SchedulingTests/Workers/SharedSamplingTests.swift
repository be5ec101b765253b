import Domain
import TestSupport
import Testing
import WorkerProtocol

@testable import Scheduling

/// Clients that share the batch of a real `hone-worker` with a tiny model.
@Suite(.timeLimit(.minutes(15)))
struct SharedSamplingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A worker with the model open.
    private func worker() async throws -> any WorkerPort {
        try TinyModelFolder.write(to: folder.path)
        let launcher = ProcessWorkerLauncher(threads: 1, timing: .quick) { _, _, _ in }
        let worker = try await launcher.launch(role: "serving")
        _ = try await worker.request(
            .openPolicy(.init(modelFolder: folder.path)),
            deadline: .seconds(900)
        )
        return worker
    }

    /// A client's request: another prompt, length and group for each.
    private func request(_ client: Int, _ prompt: Prompt? = nil) -> WorkerRequest {
        .sample(
            .init(
                prompts: [prompt ?? .text(String(repeating: "abcdefg", count: client % 4 + 1))],
                promptStreams: [client],
                groupSize: client % 3 + 1,
                sampling: SamplingParameters(maxTokens: 10 + 7 * client),
                seed: UInt64(client),
                includesReference: client % 2 == 0
            )
        )
    }

    /// The completions of an answer as they were drawn, bit for bit.
    private func drawn(_ reply: WorkerReply) -> [[String]] {
        guard case .sampled(let groups) = reply else { return [] }
        return groups.map { group in
            group.completions.map {
                "\($0.tokens.elements) \($0.logprobs.elements.map(\.bitPattern)) "
                    + "\($0.referenceLogprobs.elements.map(\.bitPattern)) \($0.stopReason)"
            }
        }
    }

    @Test
    func `clients that ask together get what each would get alone`() async throws {
        let worker = try await worker()
        var alone: [[[String]]] = []
        for client in 0..<8 {
            alone.append(drawn(try await worker.request(request(client), deadline: .seconds(900))))
        }
        #expect(alone.allSatisfy { !$0.isEmpty })
        let together = try await withThrowingTaskGroup(of: (Int, [[String]]).self) { group in
            for client in 0..<8 {
                group.addTask {
                    let reply = try await worker.request(
                        request(client),
                        deadline: .seconds(900)
                    )
                    return (client, drawn(reply))
                }
            }
            // One that cannot be done is refused alone.
            await #expect(throws: HoneError.self) {
                try await worker.request(request(3, .tokens([1, 500])), deadline: .seconds(900))
            }
            return try await group.reduce(into: [Int: [[String]]]()) { $0[$1.0] = $1.1 }
        }
        for client in 0..<8 { #expect(together[client] == alone[client], "client \(client)") }
        await worker.shutdown()
    }

    @Test
    func `a repeated prompt is counted as cached until another model is opened`() async throws {
        let worker = try await worker()
        func cached() async throws -> Int? {
            let reply = try await worker.request(request(1), deadline: .seconds(900))
            guard case .sampled(let groups) = reply else { return nil }
            return groups.first?.cachedPromptTokens
        }
        #expect(try await cached() == 0)
        #expect(try await cached() == 13)
        _ = try await worker.request(
            .openPolicy(.init(modelFolder: folder.path, policyVersion: 3)),
            deadline: .seconds(900)
        )
        #expect(try await cached() == 0)
        await worker.shutdown()
    }
}
