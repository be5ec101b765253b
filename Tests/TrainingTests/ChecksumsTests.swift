import Domain
import Foundation
import Testing

@testable import Training

@Suite struct `Checksums of a checkpoint` {
    private static let damages: [(String, @Sendable (String) throws -> Void)] = [
        (
            "a flipped bit",
            { path in
                let url = URL(fileURLWithPath: path + "/optimizer.safetensors")
                var data = try Data(contentsOf: url)
                data[data.count - 3] ^= 4
                try data.write(to: url)
            }
        ),
        ("a cut file", { #expect(truncate($0 + "/model.safetensors", 4096) == 0) }),
        ("a missing file", { #expect(unlink($0 + "/state.json") == 0) }),
        (
            "swapped files",
            { path in
                for (old, new) in [
                    ("model", "x"), ("optimizer", "model"), ("x", "optimizer"),
                ] {
                    let names = [old, new].map { "\(path)/\($0).safetensors" }
                    #expect(rename(names[0], names[1]) == 0)
                }
            }
        ),
        ("digests cut off", { #expect(truncate($0 + "/checksums.json", 30) == 0) }),
    ]

    @Test(arguments: damages.indices)
    func `damage is found before anything is opened`(index: Int) throws {
        let (name, damage) = Self.damages[index]
        let (model, plan) = (try TinyModel(), TinyModel.plan(.all))
        let path = model.beside("checkpoint")
        let session = try model.session(training: plan)
        try session.checkpoint(to: path, includesOptimizer: true, state: Data("{}".utf8))
        _ = try model.session(checkpoint: path, training: plan)
        try damage(path)
        let error = #expect(throws: HoneError.self) {
            try model.session(checkpoint: path, training: plan)
        }
        #expect(error?.code == .invalidModelFile && error?.param == path, "\(name)")
        #expect(error?.message.contains("damaged") == true, "\(name): \(error as Any)")
    }
}
