import Domain
import Foundation
import Testing

@testable import Scheduling

/// Files that users name, which may be anything.
struct UserFileTests {
    @Test func `what would hold the reader up, or has no end, is refused`() async throws {
        let bench = try await Bench()
        let pipe = "\(bench.folder)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for (file, reason) in [
            (pipe, "it is not a regular file"), ("/dev/zero", "it is not a regular file"),
            (bench.folder, "Is a directory"), ("\(bench.folder)/none", "does not exist"),
        ] {
            let error = #expect(throws: HoneError.self) { try UserFile.read(file) }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: [true, false])
    func `a run keeps what a link shows, not the link`(_ isRelative: Bool) async throws {
        let bench = try await Bench()
        let file = try bench.file("real.jsonl", [#"{"prompt": "first"}"#])
        let link = "\(bench.folder)/link.jsonl"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: isRelative ? "real.jsonl" : file
        )
        var spec = bench.online()
        spec.prompts = .file(link)
        let folder = DataFolder("\(bench.folder)/data")
        let copies = SpecCopies(run: "run-1", folder: folder)
        try copies.make(spec)
        _ = try bench.file("real.jsonl", [#"{"prompt": "second"}"#])
        let kept = try #require(copies.localised(spec).prompts)
        let records = try DataReader.records(of: kept, path: "$.prompts")
        #expect(records.map(\.value) == [["prompt": "first"]])
    }
}
