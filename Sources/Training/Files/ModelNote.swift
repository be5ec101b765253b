import Foundation

/// What Hone notes about a model beside the files that other programs read: `hone.json`.
struct ModelNote: Codable {
    static let fileName = "hone.json"

    /// The most common stored type of the weights before they were converted.
    var sourceType: String
    /// Set when the folder holds adapters only: the model that they are added to.
    var base: BaseReference?

    init(sourceType: String, base: BaseReference? = nil) {
        self.sourceType = sourceType
        self.base = base
    }

    init?(text: String) {
        guard let note = try? JSONDecoder().decode(ModelNote.self, from: Data(text.utf8)) else {
            return nil
        }
        self = note
    }

    /// The note in `folder`; `nil` when there is none that can be read.
    static func read(_ folder: String) -> ModelNote? {
        let text = try? String(contentsOfFile: folder + "/" + fileName, encoding: .utf8)
        return text.flatMap { ModelNote(text: $0) }
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: folder + "/" + Self.fileName))
    }
}
