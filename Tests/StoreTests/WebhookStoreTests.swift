import Domain
import Foundation
import Testing

@testable import Store

struct WebhookStoreTests {
    @Test func `a new webhook begins with the next event, and goes on after a restart`()
        async throws
    {
        let folder = try TemporaryFolder()
        var store = try DataStore(folder: folder.path)
        #expect(try await store.webhookCursor("http://early/") == 0)
        var spec = RunSpec(
            name: "one",
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.reward = ["name": "length", "target": 3]
        spec.prompts = .items(["a"])
        let run = try await store.insertRun(spec)
        try await store.appendEvent(run: run.id, kind: "log", payload: ["message": "b"])
        let all = try await store.events(after: 0, limit: 10)
        #expect(all.map(\.kind) == ["state", "log"])
        #expect(all.allSatisfy { $0.runID == run.id })
        #expect(try await store.events(after: 0, limit: 1) == [all[0]])
        #expect(try await store.webhookCursor("http://late/") == all[1].id)
        #expect(try await store.webhookCursor("http://early/") == 0)
        try await store.moveWebhookCursor("http://early/", to: all[0].id)
        store = try DataStore(folder: folder.path)
        #expect(try await store.webhookCursor("http://early/") == all[0].id)
        #expect(try await store.events(after: all[0].id, limit: 10) == [all[1]])
    }
}
