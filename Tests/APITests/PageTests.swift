import Foundation
import HTTP
import TestSupport
import Testing

@testable import API

@Suite struct PageTests {
    private static let folder = Checkout.url("Sources/API/Page/Web")

    @Test func `the binary holds the files of page as they are`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.count == PageFile.all.count)
        for name in names {
            let path = name == "index.html" ? "/" : "/page/\(name)"
            let file = try #require(PageFile.all.first { $0.path == path }, "\(name)")
            let text = try String(
                contentsOf: Self.folder.appendingPathComponent(name),
                encoding: .utf8
            )
            #expect(file.text == text, "\(name) differs: run scripts/embed-page")
        }
    }

    @Test func `every file is served with its type and a policy without foreign code`()
        async throws
    {
        try await LiveServer.with { server in
            for file in PageFile.all {
                let reply = try await server.call(.get, file.path)
                #expect(reply.status == 200)
                #expect(reply.text == file.text)
                #expect(reply.headers["content-type"] == file.type)
                #expect(reply.headers["x-content-type-options"] == "nosniff")
                let policy = reply.headers["content-security-policy"] ?? ""
                #expect(policy.hasPrefix("default-src 'none'"))
                #expect(!policy.contains("unsafe"))
            }
        }
    }

    @Test func `the page names only files that are there, and nothing inline`() {
        let index = PageFile.all[0].text
        for part in index.split(separator: "\"") where part.hasPrefix("/page/") {
            #expect(PageFile.all.contains { $0.path == part }, "\(part)")
        }
        #expect(!index.contains("style=") && !index.contains("onclick"))
        #expect(!index.contains("http://") && !index.contains("https://"))
    }

    /// What models and people wrote is only ever inserted as text.
    @Test func `no script makes markup of a string`() {
        let ways = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(",
            "new Function", "createContextualFragment", "setHTML",
        ]
        for file in PageFile.all where file.path.hasSuffix(".js") {
            for way in ways { #expect(!file.text.contains(way), "\(file.path): \(way)") }
        }
    }
}
