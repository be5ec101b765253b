internal import Domain

/// The sizes a model file may claim; anything beyond is taken for damage.
enum ConfigurationBounds {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 20)
    static let layers = 1...1024
    static let heads = 1...4096
    static let headSize = 2...4096
    static let context = 1...(1 << 30)
    /// An epsilon above 1 would drown the activations.
    static let greatestEpsilon = 1.0
    /// The largest in use is 10^9; a single must hold it, and its powers.
    static let greatestTheta = 1e15

    /// Checks what no single field shows; `path` names the file in errors.
    static func check(_ model: ModelConfiguration, path: String) throws {
        let sizes: [(String, Int, ClosedRange<Int>)] = [
            ("vocabulary size", model.vocabularySize, vocabulary),
            ("hidden size", model.hiddenSize, width),
            ("intermediate size", model.intermediateSize, width),
            ("layer count", model.layerCount, layers),
            ("attention head count", model.headCount, heads),
            ("key/value head count", model.keyValueHeadCount, heads),
            ("head size", model.headSize, headSize),
            ("context length", model.contextLength, context),
        ]
        for (name, size, range) in sizes where !range.contains(size) {
            throw FileFailure.invalid(path, "its \(name) is \(size), not in \(range)")
        }
        guard model.headCount.isMultiple(of: model.keyValueHeadCount) else {
            throw FileFailure.invalid(
                path,
                "\(model.headCount) attention heads cannot share \(model.keyValueHeadCount) "
                    + "key/value heads evenly"
            )
        }
        guard model.headSize.isMultiple(of: 2) else {
            throw FileFailure.invalid(
                path,
                "rotary positions need an even head size, not \(model.headSize)"
            )
        }
        for (name, number, limit) in [
            ("norm epsilon", model.normEpsilon, greatestEpsilon),
            ("rope theta", model.ropeTheta, greatestTheta),
        ]
        where !(number > 0 && number <= limit) {
            throw FileFailure.invalid(
                path,
                "its \(name) is \(number), not a positive number up to \(limit)"
            )
        }
        try checkTokens(model, path: path)
    }

    private static func checkTokens(_ model: ModelConfiguration, path: String) throws {
        let tokens = [model.beginTokenID, model.padTokenID].compactMap { $0 } + model.endTokenIDs
        for token in tokens where !(0..<model.vocabularySize).contains(token) {
            throw HoneError(
                .vocabularyMismatch,
                "\(path): special token \(token) is outside the vocabulary of \(model.vocabularySize)",
                param: path
            )
        }
    }
}
