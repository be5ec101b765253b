import Foundation

/// What Hone notes about a model beside the files that other programs read: `hone.json`.
struct ModelNote: Codable {
    static let fileName = "hone.json"

    /// The most common stored type of the weights before they were converted.
    var sourceType: String

    init(sourceType: String) { self.sourceType = sourceType }

    init?(text: String) {
        guard let note = try? JSONDecoder().decode(ModelNote.self, from: Data(text.utf8)) else {
            return nil
        }
        self = note
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(self).write(to: URL(fileURLWithPath: folder + "/" + Self.fileName))
    }
}
