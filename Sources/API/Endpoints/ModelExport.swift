import Domain
import Foundation
import HTTP

/// Writes an export beside the data and sends it piece by piece; it is removed when sent.
struct ModelExport {
    private let call: EndpointCall
    private let name: String
    private let isFile: Bool

    init(_ call: EndpointCall) {
        self.call = call
        name = call.parameter("name")
        isFile = call.query["format"] == "gguf"
    }

    func response() async throws -> HTTPResponse {
        // Without a body nothing would read (and remove) the export: only look the model up.
        if call.request.method == .head {
            if !name.contains("@") { _ = try await call.control.model(name) }
            return HTTPResponse(headers: headers)
        }
        let folder = try PassingFolder(in: call.context.temporaryFolder)
        let content = folder.url.appendingPathComponent(isFile ? "model.gguf" : name)
        try await call.control.exportModel(
            name,
            format: isFile ? "gguf" : "hf",
            destination: content.path
        )
        let isFile = isFile
        return HTTPResponse(
            headers: headers,
            body: .stream { writer in
                // The stream holds the folder: it goes with it, also when nobody reads it.
                defer { withExtendedLifetime(folder) {} }
                if isFile {
                    try await FileSender(writer).send(content)
                } else {
                    try await TarSender(writer).send(folder: content)
                }
            }
        )
    }

    private var headers: HTTPHeaders {
        let file = isFile ? "\(name).gguf" : "\(name).tar"
        let safe = file.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._@-".contains($0)) }
        return [
            "content-type": isFile ? "application/octet-stream" : "application/x-tar",
            "content-disposition": "attachment; filename=\"\(safe)\"",
        ]
    }
}

/// Sends a file in pieces.
struct FileSender {
    private let writer: ResponseWriter
    private static let pieceBytes = 256 << 10

    init(_ writer: ResponseWriter) { self.writer = writer }

    func send(_ file: URL) async throws {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty {
            try await writer.write([UInt8](piece))
        }
    }
}

/// A folder that goes with the last who holds it.
private final class PassingFolder: Sendable {
    let url: URL

    init(in parent: String) throws {
        url = URL(fileURLWithPath: parent).appendingPathComponent("export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
