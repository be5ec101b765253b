import Domain
import Foundation
import Rewards

/// Asks a service on the network, in batches, again and again when it fails.
struct RemoteProvider: RewardProvider {
    let service: RemoteService
    let services: RewardServices

    /// The longest pause between two attempts.
    static let longestPause: Duration = .seconds(30)

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let items = groups.flatMap(\.members)
        let batches = stride(from: 0, to: items.count, by: service.batchSize).map {
            Array(items[$0..<min(items.count, $0 + service.batchSize)])
        }
        let scores = await withTaskGroup(of: (Int, [RewardScore]).self) { group in
            var found: [Int: [RewardScore]] = [:]
            for (index, batch) in batches.enumerated() {
                if index >= service.concurrency, let done = await group.next() {
                    found[done.0] = done.1
                }
                group.addTask { (index, await score(batch, index)) }
            }
            for await done in group { found[done.0] = done.1 }
            return batches.indices.flatMap { found[$0] ?? [] }
        }
        return groups.split(scores)
    }

    private func score(_ batch: [RewardInput], _ index: Int) async -> [RewardScore] {
        guard let transport = services.transport else {
            return unscored(batch, RemoteFailure("outgoing HTTP is not set up here"))
        }
        if let reason = transport.refusal(of: service.url) {
            return unscored(batch, RemoteFailure(reason))
        }
        var failure = RemoteFailure("it was not asked")
        for attempt in 1...service.attempts {
            let result = await services.gate.pass(service.url) { await ask(transport, batch) }
            switch result {
            case .success(let scores): return scores
            case .failure(let reason): failure = reason
            }
            guard failure.mayPass, !Task.isCancelled, attempt < service.attempts else { break }
            try? await Task.sleep(for: pause(after: attempt, index))
        }
        return unscored(batch, failure)
    }

    private func ask(
        _ transport: any RemoteTransport,
        _ batch: [RewardInput]
    ) async -> Result<[RewardScore], RemoteFailure> {
        do throws(RemoteFailure) {
            guard let body = try? JSONEncoder().encode(service.request(batch)) else {
                throw RemoteFailure("the request cannot be written as JSON", mayPass: false)
            }
            let reply = try await transport.post(
                service.url,
                body: Array(body),
                timeout: service.timeout
            )
            return .success(try scores(reply, batch.count))
        } catch {
            return .failure(error)
        }
    }

    private func scores(
        _ reply: RemoteReply,
        _ count: Int
    ) throws(RemoteFailure) -> [RewardScore] {
        guard reply.status == 200 else {
            // Other refusals are of the request, and would be repeated with it.
            let mayPass = reply.status >= 500 || [408, 425, 429].contains(reply.status)
            let words = String(decoding: reply.body.prefix(120), as: UTF8.self)
            throw RemoteFailure(
                "it answered with status \(reply.status): \(words)",
                mayPass: mayPass
            )
        }
        guard let value = LenientJSON.value(reply.body) else {
            throw RemoteFailure("its reply is not JSON")
        }
        do throws(RemoteService.Malformed) { return try service.scores(value, count: count) } catch
        {
            throw RemoteFailure(error.message)
        }
    }

    /// The whole batch without a score; a service that failed may answer later.
    private func unscored(_ batch: [RewardInput], _ failure: RemoteFailure) -> [RewardScore] {
        let reason = "\(service.url): \(failure.message)"
        return batch.map { _ in RewardScore(unscored: reason, mayComeLater: true) }
    }

    /// A random part of a pause that doubles ("full jitter"), so that clients who failed together do
    /// not come again together; the same numbers for the same seed.
    func pause(after attempt: Int, _ batch: Int) -> Duration {
        let whole = min(Self.longestPause, services.firstPause * (1 << min(16, attempt)))
        let name = service.url.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0x7FFF_FFFF }
        return whole * Philox(seed: services.seed).uniform(name, batch, attempt, 0)
    }
}
