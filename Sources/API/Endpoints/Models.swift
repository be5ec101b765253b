import APITypes
import Domain
import HTTP
import Presentation

extension EndpointTable {
    /// Models.
    static let models: [Endpoint] = [
        Endpoint(
            .get,
            "/v1/models",
            "All models by name.",
            needs: .read,
            reply: .json(.page(of: ModelObject.schema)),
            stateVersion: { $0.control.modelsVersion }
        ) { call in
            try call.reply(ListPage(try await call.control.models().map(ModelObject.init)))
        },
        Endpoint(
            .post,
            "/v1/models",
            "Import a GGUF file or a Hugging Face folder, or make a model with random weights; "
                + "answers when it is done.",
            needs: .train,
            request: ModelRequest.schema,
            status: 201,
            reply: .json(ModelObject.schema),
            errors: [
                .alreadyExists, .notFound, .unknownModel, .invalidModelFile, .unsupportedModel,
                .vocabularyMismatch, .diskFull, .workerLost,
            ],
            creates: true
        ) { call in
            let request = try ModelRequest(call.body)
            let record =
                switch request.source {
                case .path(let path):
                    try await call.control.importModel(path: path, name: request.name)
                case .new(let model):
                    try await call.control.createModel(model, name: request.name)
                }
            return try call.reply(ModelObject(record), status: 201)
        },
        Endpoint(
            .get,
            "/v1/models/{name}",
            "One model.",
            needs: .read,
            reply: .json(ModelObject.schema),
            errors: [.unknownModel]
        ) { call in
            try call.reply(ModelObject(try await call.control.model(call.parameter("name"))))
        },
        Endpoint(
            .delete,
            "/v1/models/{name}",
            "Remove a model and its files.",
            needs: .admin,
            reply: .json(DeletedObject.schema),
            errors: [.unknownModel, .conflict]
        ) { call in
            try await call.control.deleteModel(call.parameter("name"))
            return try call.reply(DeletedObject(id: call.parameter("name"), object: "model"))
        },
        Endpoint(
            .get,
            "/v1/models/{name}/export",
            "A model or checkpoint (RUN@ITERATION): a tar of a Hugging Face folder, or a GGUF file.",
            needs: .read,
            query: [
                .field("format", .choice(["hf", "gguf"]), default: "hf", "The format.")
            ],
            reply: .content("application/octet-stream"),
            errors: [.unknownModel, .unsupportedModel, .diskFull, .workerLost]
        ) { call in
            try await ModelExport(call).response()
        },
    ]
}
