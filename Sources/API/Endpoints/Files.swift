import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Files that clients upload, in OpenAI's shape.
    static let files: [Endpoint] = [
        upload,
        Endpoint(
            .get,
            "/v1/files",
            "Uploaded files, the newest first.",
            needs: .read,
            query: [
                .optional("after", .text, "The id of the last file of the page before."),
                .field("limit", .integer(1...10_000), default: 1000, "The most files of a page."),
                .field("order", .choice(["asc", "desc"]), default: "desc", "By time of upload."),
                .optional("purpose", .choice(FileObject.purposes), "Files for this only."),
            ],
            reply: .json(.page(of: FileObject.schema)),
            errors: [.notFound]
        ) { call in
            let page = try await call.control.files(
                purpose: call.query["purpose"]?.stringValue,
                after: call.query["after"]?.stringValue,
                limit: call.limit,
                newestFirst: call.query["order"] != "asc"
            )
            return try call.reply(ListPage(page.items.map(FileObject.init), hasMore: page.hasMore))
        },
        Endpoint(
            .get,
            "/v1/files/{id}",
            "One uploaded file.",
            needs: .read,
            reply: .json(FileObject.schema),
            errors: [.notFound]
        ) { call in
            try call.reply(FileObject(try await call.control.file(call.parameter("id"))))
        },
        Endpoint(
            .get,
            "/v1/files/{id}/content",
            "An uploaded file's content.",
            needs: .read,
            reply: .content("application/octet-stream"),
            errors: [.notFound]
        ) { call in
            HTTPResponse(
                headers: ["content-type": "application/octet-stream"],
                body: .file(path: try await call.control.filePath(call.parameter("id")))
            )
        },
        Endpoint(
            .delete,
            "/v1/files/{id}",
            "Remove an uploaded file; runs that learn from it have copies of their own.",
            needs: .train,
            reply: .json(DeletedObject.schema),
            errors: [.notFound]
        ) { call in
            try await call.control.deleteFile(call.parameter("id"))
            return try call.reply(DeletedObject(id: call.parameter("id"), object: "file"))
        },
    ]

    private static var upload: Endpoint {
        var endpoint = Endpoint(
            .post,
            "/v1/files",
            "Upload a file as multipart/form-data; it is on disk when this answers.",
            needs: .train,
            reply: .json(FileObject.schema),
            errors: [.diskFull],
            creates: true,
            // The form around a file of 512 MiB, the most that OpenAI takes.
            maxBodyBytes: 513 << 20
        ) { call in
            let upload = try FileUpload(call.form)
            let record = try await call.control.storeFile(
                FileContent(count: upload.content.count, read: upload.content.bytes),
                filename: upload.filename,
                purpose: upload.purpose,
                lifetime: upload.lifetime,
                origin: call.origin
            )
            return try call.reply(FileObject(record))
        }
        endpoint.form = FileObject.form
        return endpoint
    }
}

/// The form of an upload.
private struct FileUpload {
    let content: BodyContent
    let filename: String
    let purpose: String
    let lifetime: Int?

    init(_ form: MultipartForm?) throws {
        var fields: [String: Value] = [:]
        for part in form?.parts ?? [] {
            guard part.name != "file" else {
                fields["file"] = .string("")
                continue
            }
            let text = try part.text() ?? ""
            fields[part.name] =
                part.name == "expires_after[seconds]"
                ? Int(text).map { .integer($0) } ?? .string(text) : .string(text)
        }
        let checked = try FileObject.form.check(.object(fields), path: "form")
        purpose = checked["purpose"]?.stringValue ?? ""
        lifetime = checked["expires_after[seconds]"]?.integerValue
        guard let file = form?["file"], file.body.count > 0 else {
            throw HoneError(.emptyData, "the file is empty", param: "file")
        }
        content = file.body
        // Shown and never used as a path.
        filename = String((file.filename ?? "upload").prefix(255))
    }
}
