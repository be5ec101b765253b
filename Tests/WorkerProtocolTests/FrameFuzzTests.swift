import Domain
import Foundation
import TestSupport
import Testing

@testable import WorkerProtocol

/// Whatever a worker sends, it is frames or a `HoneError`; a trap would end the test run.
@Suite struct FrameFuzzTests {
    private static func message() -> WorkerMessage {
        let completion = WorkerReply.SampledCompletion(
            tokens: Packed([3, 4]),
            text: "héllo",
            logprobs: Packed([-0.5, .infinity]),
            samplingLogprobs: Packed([]),
            referenceLogprobs: Packed([1]),
            stopReason: .endToken
        )
        return .reply(
            id: 7,
            .sampled([
                .init(promptTokens: Packed([1, -2]), completions: [completion], policyVersion: 12)
            ])
        )
    }

    @Test func `damaged frames are messages or errors`() throws {
        let bytes = try Frame(Self.message()).bytes
        let words = [
            "{", "}", "\"", "[", "null", "-1", "99999999999999999999", "\"offset\":", "1e308",
        ]
        var refused = 0
        for damaged in Mutations(of: bytes, count: 3000, seed: 5, words: words) {
            var decoder = FrameDecoder()
            do {
                let frames = try decoder.decode(Data(damaged))
                for frame in frames { _ = try frame.message() }
                if frames.isEmpty { refused += 1 }
            } catch {
                refused += 1
            }
        }
        #expect((1000..<3000).contains(refused))
    }
}
