/// Turns text into token ids and back.
///
/// Values are immutable and may be shared between threads.
public protocol Tokenizer: Sendable {
    /// The number of ids: all are in `0..<vocabularySize`.
    var vocabularySize: Int { get }

    /// Control tokens, in order of id.
    var specialTokens: [AddedToken] { get }

    /// The token that starts a text, if the model has one.
    var beginTokenID: Int32? { get }

    /// The tokens at which generation ends.
    var endTokenIDs: Set<Int32> { get }

    /// The token that fills up batches.
    var paddingTokenID: Int32? { get }

    /// Ids put before a text when special tokens are added.
    var prefixTokenIDs: [Int32] { get }

    /// Ids put after a text when special tokens are added.
    var suffixTokenIDs: [Int32] { get }

    /// The ids of `text`; none are added at its ends.
    ///
    /// - Parameters:
    ///   - text: what to tokenise.
    ///   - recognisingSpecialTokens: whether `<|im_end|>` in the text is the control token
    ///     (a rendered template) or just those characters (what somebody wrote).
    /// - Returns: ids in `0..<vocabularySize`.
    func encode(_ text: String, recognisingSpecialTokens: Bool) -> [Int32]

    /// The text of `tokens`; bytes that are not UTF-8 become U+FFFD. Unknown ids are left out.
    func decode(_ tokens: [Int32], skippingSpecialTokens: Bool) -> String

    /// The bytes that `token` stands for, which need not be whole characters; none for an unknown id.
    func bytes(of token: Int32) -> [UInt8]

    /// The id of the token spelled `content` in the vocabulary.
    func tokenID(of content: String) -> Int32?

    /// Whether `token` is a control token.
    func isSpecial(_ token: Int32) -> Bool
}

extension Tokenizer {
    /// The text of `tokens`; bytes that are not UTF-8 become U+FFFD.
    ///
    /// Unknown ids are left out.
    public func decode(_ tokens: [Int32], skippingSpecialTokens: Bool) -> String {
        var bytes: [UInt8] = []
        for token in tokens where !(skippingSpecialTokens && isSpecial(token)) {
            bytes.append(contentsOf: self.bytes(of: token))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
