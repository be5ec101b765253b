import Domain
import Foundation
import WorkerProtocol

extension DataFolder {
    /// What every worker of this data folder reaches: its models and runs, wherever links put them; neither
    /// the database nor uploads.
    var reach: Confinement.Reach {
        let parts = ["\(root)/models", "\(root)/runs"]
        return Confinement.Reach(readable: parts.flatMap(Self.linkedFrom), writable: parts)
    }

    /// Where the links that lie directly in a folder lead.
    static func linkedFrom(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.map { "\(folder)/\($0)" }.filter(isLink).map(resolved)
    }

    static func isLink(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeSymbolicLink
    }

    static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}

extension WorkerRequest {
    /// The files outside of the data folder that the request names.
    var reach: Confinement.Reach {
        switch self {
        case .importModel(let job):
            // A cache of models keeps the files elsewhere and links to them.
            Confinement.Reach(readable: [job.source] + DataFolder.linkedFrom(job.source))
        case .createModel(let job):
            Confinement.Reach(readable: job.model.tokenizerText.map { [$0] } ?? [])
        case .exportModel(let job):
            Confinement.Reach(writable: [(job.destination as NSString).deletingLastPathComponent])
        default: Confinement.Reach()
        }
    }
}
