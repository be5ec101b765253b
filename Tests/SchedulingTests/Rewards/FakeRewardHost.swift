import Domain
import Foundation
import Rewards
import Synchronization
import WorkerProtocol

@testable import Scheduling

/// Answers reward requests from closures and counts them.
final class FakeRewardHost: RewardHost {
    typealias Answer =
        @Sendable (RewardSource.ModelNeed, WorkerRequest) throws(HoneError) -> WorkerReply

    let services: RewardServices
    private let answer: Answer
    private let list = Mutex<[String]>([])

    /// The names of the requests, in order.
    var requests: [String] { list.withLock { $0 } }

    init(services: RewardServices = RewardServices(), _ answer: @escaping Answer) {
        self.services = services
        self.answer = answer
    }

    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply {
        list.withLock { $0.append(request.name) }
        return try answer(model, request)
    }

    /// A language model that prefers the longer of two texts `a|b`, with a liking for the first.
    static func judge(limit: Int = .max, hasTemplate: Bool = true) -> FakeRewardHost {
        FakeRewardHost { (_, request) throws(HoneError) in
            switch request {
            case .encode(let order):
                return .encoded(
                    try order.items.map { (item) throws(HoneError) in
                        try encoded(item, hasTemplate)
                    }
                )
            case .logprobs(let order):
                let lengths = order.groups.map { $0.promptTokens.elements.count }
                if let long = lengths.firstIndex(where: { $0 > limit }) {
                    throw HoneError(.promptTooLong, "sequence \(long) is too long")
                }
                return .logprobs(order.groups.map(verdicts))
            default: throw HoneError(.internalError, "not asked")
            }
        }
    }

    private static func encoded(
        _ item: WorkerRequest.EncodeItem,
        _ hasTemplate: Bool
    ) throws(HoneError) -> WorkerReply.Encoded {
        var text = ""
        switch item.prompt {
        case .text(let raw): text = raw
        case .messages(let list):
            guard hasTemplate else {
                throw HoneError(.invalidRequest, "no chat template", param: "messages")
            }
            text = list[0].content
        case .tokens: break
        }
        return .init(
            promptTokens: Packed(text.utf8.map { Int32($0) }),
            completionTokens: Packed((item.completion ?? "").utf8.map { Int32($0) }),
            renderedPrompt: text
        )
    }

    private static func verdicts(_ group: WorkerRequest.SequenceGroup) -> [Packed<Float>] {
        let bytes = group.promptTokens.elements.map { UInt8(truncatingIfNeeded: $0) }
        let sides = String(decoding: bytes, as: UTF8.self)
            .split(separator: "|", omittingEmptySubsequences: false)
        let isPair = sides.count == 2
        let lead = isPair ? Float(sides[0].count - sides[1].count) : Float(sides[0].count)
        // The first place is worth 1 nat more.
        return [Packed([lead + 1 - 3]), Packed([-3])]
    }
}
