import Foundation

/// GPT-2's kind of tokenizer: text is cut into words, words into bytes, bytes merged by rank.
///
/// Ids equal those of Hugging Face `tokenizers` for the same definition.
public struct ByteLevelBPETokenizer: Tokenizer {
    /// What the tokenizer was made of.
    public let definition: TokenizerDefinition
    /// Control tokens, in order of id.
    public let specialTokens: [AddedToken]
    /// The tokens at which generation ends: the definition's end token and its additional ones.
    public let endTokenIDs: Set<Int32>

    private let merges: PairTable
    /// What each token decodes to.
    private let decoded: ByteStrings
    /// The token of each byte, -1 where the vocabulary has none.
    private let byteTokens: [Int32]
    private let specials: [Bool]
    private let plainMatcher: AddedTokenMatcher
    private let normalizedMatcher: AddedTokenMatcher

    /// Builds the tables of a checked definition.
    public init(_ definition: TokenizerDefinition) {
        self.definition = definition
        specialTokens = definition.addedTokens.filter(\.isSpecial)
        let ends = [definition.endTokenID].compactMap { $0 } + definition.additionalEndTokenIDs
        endTokenIDs = Set(ends)
        var merges = PairTable(minimumCapacity: definition.merges.count)
        for (rank, merge) in definition.merges.enumerated() {
            let value = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.result))
            merges.set(UInt32(bitPattern: merge.left), UInt32(bitPattern: merge.right), to: value)
        }
        self.merges = merges
        decoded = ByteStrings(definition.tokens) { ByteAlphabet.append(spelledBy: $0, to: &$1) }
        byteTokens = ByteAlphabet.scalars.map { scalar in
            let bytes = Array(String(scalar).utf8)
            return definition.spellings.id(of: bytes, 0..<bytes.count) ?? -1
        }
        var specials = [Bool](repeating: false, count: definition.tokens.count)
        for token in definition.addedTokens where token.isSpecial { specials[Int(token.id)] = true }
        self.specials = specials
        plainMatcher = AddedTokenMatcher(definition.addedTokens.filter { !$0.isNormalized })
        let normalization = definition.preTokenization.normalization
        normalizedMatcher = AddedTokenMatcher(
            definition.addedTokens.filter(\.isNormalized),
            spelling: { Self.normalized($0, normalization) }
        )
    }

    /// The number of ids.
    public var vocabularySize: Int { definition.tokens.count }
    /// The token that starts a text, if the model has one.
    public var beginTokenID: Int32? { definition.beginTokenID }
    /// The token that fills up batches.
    public var paddingTokenID: Int32? { definition.paddingTokenID }
    /// Ids put before a text when special tokens are added.
    public var prefixTokenIDs: [Int32] { definition.prefixTokenIDs }
    /// Ids put after a text when special tokens are added.
    public var suffixTokenIDs: [Int32] { definition.suffixTokenIDs }

    /// The bytes that `token` stands for; none for an unknown id.
    public func bytes(of token: Int32) -> [UInt8] {
        guard (0..<decoded.count).contains(Int(token)) else { return [] }
        return Array(decoded[Int(token)])
    }

    /// The id of the token spelled `content` in the vocabulary.
    public func tokenID(of content: String) -> Int32? {
        let bytes = Array(content.utf8)
        return definition.spellings.id(of: bytes, 0..<bytes.count)
    }

    /// Whether `token` is a control token.
    public func isSpecial(_ token: Int32) -> Bool {
        (0..<specials.count).contains(Int(token)) && specials[Int(token)]
    }

    // MARK: Encoding

    /// The ids of `text`, in O(n log n); special tokens in it are found only where asked.
    public func encode(_ text: String, recognisingSpecialTokens: Bool) -> [Int32] {
        let bytes = Array(text.utf8)
        var output: [Int32] = []
        output.reserveCapacity(bytes.count / 3)
        var merger = WordMerger(merges: merges)
        let parts = plainMatcher.parts(
            of: bytes,
            recognisingSpecialTokens: recognisingSpecialTokens
        )
        for part in parts {
            if let token = part.token {
                output.append(token)
            } else {
                let plain = normalized(bytes, part.range)
                let inner = normalizedMatcher.parts(
                    of: plain,
                    recognisingSpecialTokens: recognisingSpecialTokens
                )
                for part in inner {
                    if let token = part.token {
                        output.append(token)
                    } else {
                        encode(plain, part.range, with: &merger, into: &output)
                    }
                }
            }
        }
        return output
    }

    /// Encodes text without added tokens.
    private func encode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        with merger: inout WordMerger,
        into output: inout [Int32]
    ) {
        let isWhole = range == 0..<bytes.count
        var segments = SegmentedText(bytes: isWhole ? bytes : Array(bytes[range]))
        for step in definition.preTokenization.steps { segments.apply(step) }
        var word: [Int32] = []
        for piece in segments.pieces {
            if definition.prefersWholeWords,
                let token = wholeWord(segments.bytes, piece)
            {
                output.append(token)
                continue
            }
            word.removeAll(keepingCapacity: true)
            for index in piece {
                let token = byteTokens[Int(segments.bytes[index])]
                if token >= 0 {
                    word.append(token)
                } else if definition.emitsUnknownToken, let unknown = definition.unknownTokenID {
                    word.append(unknown)
                }
            }
            merger.merge(word, into: &output)
        }
    }

    private func wholeWord(_ bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        var spelled: [UInt8] = []
        spelled.reserveCapacity(range.count * 2)
        for index in range {
            spelled.append(
                contentsOf: UTF8.encode(ByteAlphabet.scalars[Int(bytes[index])]) ?? .init()
            )
        }
        return definition.spellings.id(of: spelled, 0..<spelled.count)
    }

    // MARK: Normalisation

    private func normalized(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        let part = range == 0..<bytes.count ? bytes : Array(bytes[range])
        // ASCII is composed already; this skips Foundation for most text.
        guard definition.preTokenization.normalization == .nfc, part.contains(where: { $0 > 0x7F })
        else { return part }
        return Array(Self.normalized(String(decoding: part, as: UTF8.self), .nfc).utf8)
    }

    private static func normalized(
        _ text: String,
        _ normalization: PreTokenization.Normalization
    ) -> String {
        switch normalization {
        case .none: text
        case .nfc: text.precomposedStringWithCanonicalMapping
        }
    }
}
