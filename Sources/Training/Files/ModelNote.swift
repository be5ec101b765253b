import Foundation
import ModelFiles

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
        guard let note = try? JSONDecoder().decode(ModelNote.self, from: Data(text.utf8)),
            // It is shown as it stands.
            note.sourceType.utf8.count <= 32, note.sourceType.allSatisfy(\.isASCII),
            note.sourceType.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else { return nil }
        self = note
    }

    /// The note in `folder`; `nil` when there is none that can be read.
    ///
    /// - Throws: `invalidModelFile` for what is no regular file, or a large one.
    static func read(_ folder: String) throws -> ModelNote? {
        try SmallFile.content(of: folder + "/" + fileName)
            .flatMap { ModelNote(text: String(decoding: $0, as: UTF8.self)) }
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: folder + "/" + Self.fileName))
    }
}
