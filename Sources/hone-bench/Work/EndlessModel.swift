import Domain
import Foundation

/// A model folder with links to another's files, in which no token ends a completion.
enum EndlessModel {
    private typealias Fields = [String: Any]

    /// - Throws: `unsupportedModel` when `source` is not a folder with a `config.json`.
    static func write(of source: String, to destination: String) throws {
        let files = FileManager.default
        let origin = URL(fileURLWithPath: source).standardizedFileURL.resolvingSymlinksInPath().path
        guard files.fileExists(atPath: origin + "/config.json") else {
            throw HoneError(
                .unsupportedModel,
                "\(source) is neither an imported model nor a Hugging Face folder; import it with "
                    + "`hone import`",
                param: source
            )
        }
        try files.createDirectory(atPath: destination, withIntermediateDirectories: true)
        // Files that would name further end tokens are left out.
        let left = ["generation_config.json", "special_tokens_map.json"]
        for name in try files.contentsOfDirectory(atPath: origin) where !left.contains(name) {
            let (from, to) = (origin + "/" + name, destination + "/" + name)
            switch name {
            case "config.json": try edit(from, to) { $0["eos_token_id"] = [Int]() }
            case "tokenizer_config.json": try edit(from, to) { $0["eos_token"] = nil }
            default: try files.createSymbolicLink(atPath: to, withDestinationPath: from)
            }
        }
    }

    private static func edit(
        _ source: String,
        _ destination: String,
        _ change: (inout Fields) -> Void
    ) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: source))
        guard var fields = try JSONSerialization.jsonObject(with: data) as? Fields else {
            throw HoneError(.invalidModelFile, "\(source) is not a JSON object", param: source)
        }
        change(&fields)
        let text = try JSONSerialization.data(withJSONObject: fields)
        try text.write(to: URL(fileURLWithPath: destination))
    }
}
