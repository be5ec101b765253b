public import Domain
import Foundation
import ModelFiles
import Models
import Tokenizers

/// Makes models that have learned nothing yet.
public enum ModelCreation {
    /// The longest text that a tokenizer is learned from, bytes.
    private static let mostText = 1 << 26

    /// Publishes a model with random weights as the folder `destination`, whole or not at all.
    ///
    /// - Parameters:
    ///   - model: its sizes, tokenizer and seed.
    ///   - tokenizerFolder: the model whose tokenizer it shares; `nil` for one of its own.
    ///   - destination: the folder, which must not exist.
    /// - Returns: what was made.
    /// - Throws: `notFound` or `invalidRequest` for a text that is missing or too long, faults of the
    ///   folder.
    public static func create(
        _ model: NewModel,
        tokenizerFolder: String?,
        at destination: String
    ) throws -> ModelFacts {
        let (text, shape) = try textAndShape(model, tokenizerFolder)
        let family = try ArchitectureCatalogue.find(shape.architecture)
        let weights = ParameterArena(ParameterTable(family.entries(shape)))
        weights.initialise(seed: model.seed)
        let writer = ModelWriter(
            configuration: shape,
            weights: weights,
            adapters: nil,
            text: text,
            sourceType: "F32",
            rewardHead: nil
        )
        try AtomicDirectory.publish(at: destination) { try writer.writeHuggingFace(folder: $0) }
        return try ModelFolder(destination).facts(folder: destination)
    }

    private static func textAndShape(
        _ model: NewModel,
        _ tokenizerFolder: String?
    ) throws -> (TextCodec, ModelConfiguration) {
        if let tokenizerFolder {
            let other = try ModelFolder(tokenizerFolder)
            var shape = shape(model, vocabularySize: other.configuration.vocabularySize)
            shape.beginTokenID = other.configuration.beginTokenID
            shape.endTokenIDs = other.configuration.endTokenIDs
            shape.padTokenID = other.configuration.padTokenID
            return (other.text, shape)
        }
        let definition = try definition(model)
        var shape = shape(model, vocabularySize: definition.tokens.count)
        shape.beginTokenID = definition.beginTokenID.map { Int($0) }
        shape.endTokenIDs = definition.endTokenID.map { [Int($0)] } ?? []
        shape.padTokenID = definition.paddingTokenID.map { Int($0) }
        return (try TextCodec(definition), shape)
    }

    private static func shape(_ model: NewModel, vocabularySize: Int) -> ModelConfiguration {
        ModelConfiguration(
            vocabularySize: vocabularySize,
            hiddenSize: model.hiddenSize,
            intermediateSize: model.intermediateSize,
            layerCount: model.layerCount,
            headCount: model.headCount,
            keyValueHeadCount: model.keyValueHeadCount,
            contextLength: model.contextLength,
            tiesEmbeddings: true
        )
    }

    private static func definition(_ model: NewModel) throws -> TokenizerDefinition {
        if model.tokenizer == "ascii" { return try .printableASCII() }
        guard let path = model.tokenizerText else {
            return try .bytes(learningFrom: [], vocabularySize: 0)
        }
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: mostText + 1), !data.isEmpty
        else {
            throw HoneError(
                .notFound,
                "\(path) cannot be read, or is empty: give a text file on the machine of the server",
                param: "tokenizer_text"
            )
        }
        guard data.count <= mostText else {
            throw HoneError(
                .invalidRequest,
                "\(path) is longer than \(mostText >> 20) MiB: a part of it gives the same tokens",
                param: "tokenizer_text"
            )
        }
        return try .bytes(learningFrom: Array(data), vocabularySize: model.vocabularySize)
    }
}
