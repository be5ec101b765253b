import Domain
import Foundation
import Models

/// Which model's weights a folder of adapters is added to.
struct BaseReference: Codable, Hashable {
    /// The base's folder, relative to the folder of adapters: a data folder may be moved.
    var path: String
    /// Of all its weights; see `WeightFingerprint`.
    var fingerprint: String
    /// How many of its layers are used, from the lowest.
    var layers: Int

    init(path: String, fingerprint: String, layers: Int) {
        self.path = path
        self.fingerprint = fingerprint
        self.layers = layers
    }

    /// The base's folder, seen from the folder of adapters `folder`.
    func folder(from folder: String) -> String {
        let joined = path.hasPrefix("/") ? path : folder + "/" + path
        return URL(fileURLWithPath: joined).standardizedFileURL.path
    }

    /// The way from the folder `from` to `target`.
    static func relativePath(from: String, to target: String) -> String {
        let start = URL(fileURLWithPath: from).standardizedFileURL.pathComponents
        let end = URL(fileURLWithPath: target).standardizedFileURL.pathComponents
        let common = zip(start, end).prefix { $0 == $1 }.count
        let up = Array(repeating: "..", count: start.count - common)
        return (up + end[common...]).joined(separator: "/")
    }

    /// The base that adapters in `folder` were trained over.
    ///
    /// - Throws: `invalidModelFile` when it is gone or its weights are others.
    func open(from folder: String) throws -> ModelFolder {
        let path = self.folder(from: folder)
        let name = URL(fileURLWithPath: path).lastPathComponent
        guard FileManager.default.fileExists(atPath: path) else {
            throw HoneError(
                .invalidModelFile,
                "\(folder) holds adapters over the model \"\(name)\", which is gone (\(path)): "
                    + "import it again under that name",
                param: folder
            )
        }
        // Whole: adapters over adapters there are none, and no circle of them either.
        let base: ModelFolder
        do { base = try ModelFolder(whole: path) } catch let error as HoneError {
            throw HoneError(
                error.code,
                "\(folder) holds adapters over a model that cannot be opened: \(error.message)",
                param: folder
            )
        }
        guard layers > 0, layers <= base.configuration.layerCount,
            WeightFingerprint.of(base.weights) == fingerprint
        else {
            throw HoneError(
                .invalidModelFile,
                "\(folder) holds adapters over the model \"\(name)\", whose weights have changed "
                    + "since (\(path)): import the model again that they were trained with",
                param: folder
            )
        }
        return base
    }
}
