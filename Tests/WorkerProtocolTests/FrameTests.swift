import Domain
import Foundation
import Testing

@testable import WorkerProtocol

struct FrameTests {
    /// A message with arrays of both widths and numbers that JSON cannot spell.
    private func sampleMessage() -> WorkerMessage {
        .reply(
            id: 7,
            .sampled([
                .init(
                    promptTokens: Packed([1, -2, .max]),
                    completions: [
                        .init(
                            tokens: Packed([3]),
                            text: "héllo \"\u{0}",
                            logprobs: Packed([-0.0, .infinity, Float(bitPattern: 0x7fc0_1234)]),
                            samplingLogprobs: Packed([]),
                            referenceLogprobs: Packed([.leastNonzeroMagnitude]),
                            stopReason: .endToken
                        )
                    ],
                    policyVersion: 12
                )
            ])
        )
    }

    @Test
    func `packed arrays keep their exact bits, NaN payloads included`() throws {
        let frame = try Frame(sampleMessage())
        guard case .reply(7, .sampled(let groups)) = try frame.message() else {
            Issue.record("another message came out")
            return
        }
        let completion = try #require(groups.first?.completions.first)
        #expect(groups[0].promptTokens.elements == [1, -2, .max])
        #expect(completion.text == "héllo \"\u{0}")
        #expect(
            completion.logprobs.elements.map(\.bitPattern)
                == [0x8000_0000, 0x7f80_0000, 0x7fc0_1234]
        )
        #expect(completion.samplingLogprobs.elements.isEmpty)
        #expect(completion.referenceLogprobs.elements == [.leastNonzeroMagnitude])
    }

    @Test
    func `metrics that are not finite survive`() throws {
        let values = ["a": Double.nan, "b": .infinity, "c": -.infinity, "d": 0.1]
        let frame = try Frame(.reply(id: 1, .metrics(values)))
        guard case .reply(1, .metrics(let decoded)) = try frame.message() else {
            Issue.record("another message came out")
            return
        }
        #expect(decoded["a"]?.isNaN == true)
        #expect(decoded["b"] == .infinity && decoded["c"] == -.infinity && decoded["d"] == 0.1)
    }

    @Test
    func `decodes the same frames wherever the bytes are split`() throws {
        let frames = [
            try Frame(head: Data("{}".utf8), payload: Data([1, 2, 3])),
            try Frame(head: Data(), payload: Data()),
            try Frame(head: Data("x".utf8), payload: Data()),
        ]
        let bytes = frames.reduce(into: Data()) { $0.append($1.bytes) }
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var decoder = FrameDecoder()
                let decoded =
                    try decoder.decode(bytes[..<first]) + decoder.decode(bytes[first..<second])
                    + decoder.decode(bytes[second...])
                #expect(decoded == frames, "split at \(first) and \(second)")
                #expect(!decoder.isWithinFrame)
            }
        }
    }

    @Test
    func `knows that a frame was cut`() throws {
        let bytes = try Frame(head: Data("{}".utf8), payload: Data([1])).bytes
        for end in 1..<bytes.count {
            var decoder = FrameDecoder()
            #expect(try decoder.decode(bytes[..<end]).isEmpty)
            #expect(decoder.isWithinFrame)
        }
    }

    @Test(
        arguments: [
            // Head of 64 MiB and one byte; of 4 GiB less one; payload of 1 GiB and one byte; of 2^64 - 1.
            [1, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0],
            [255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0],
            [2, 0, 0, 0, 1, 0, 0, 64, 0, 0, 0, 0],
            [2, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
        ] as [[UInt8]]
    )
    func `refuses lengths over the limits and stays refused`(prefix: [UInt8]) {
        var decoder = FrameDecoder()
        #expect(throws: HoneError.self) { try decoder.decode(Data(prefix)) }
        #expect(throws: HoneError.self) { try decoder.decode(Data()) }
    }

    @Test
    func `the limits themselves are allowed`() throws {
        var decoder = FrameDecoder()
        let prefix: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 64, 0, 0, 0, 0]
        #expect(try decoder.decode(Data(prefix)).isEmpty)
        #expect(decoder.isWithinFrame)
    }

    @Test
    func `refuses to make a frame over the limit`() {
        let error = #expect(throws: HoneError.self) {
            try Frame(head: Data(count: Frame.maximumHeadBytes + 1), payload: Data())
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.param == "head")
    }

    @Test(arguments: [
        "", "{", "[]", #"{"reply":{"id":1,"_1":{"nonsense":{}}}}"#,
        #"{"request":{"id":1,"_1":{"decode":{"_0":{"sequences":[{"offset":0,"count":3}]}}}}}"#,
        #"{"request":{"id":1,"_1":{"decode":{"_0":{"sequences":[{"offset":-4,"count":1}]}}}}}"#,
        #"{"request":{"id":1,"_1":{"decode":{"_0":{"sequences":[{"offset":9,"count":0}]}}}}}"#,
        """
        {"request":{"id":1,"_1":{"decode":{"_0":{"sequences":[
        {"offset":0,"count":9223372036854775807}]}}}}}
        """,
    ])
    func `rejects heads that are no message and arrays outside the payload`(head: String) throws {
        let frame = try Frame(head: Data(head.utf8), payload: Data(count: 8))
        let error = #expect(throws: HoneError.self) { try frame.message() }
        #expect(error?.code == .internalError)
    }
}
