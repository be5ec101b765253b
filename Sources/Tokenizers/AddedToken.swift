/// A token that is found in the text before the vocabulary's own rules apply.
public struct AddedToken: Sendable, Hashable {
    /// The token's id in the vocabulary.
    public var id: Int32
    /// The text it is found by.
    public var content: String
    /// Control tokens: recognised in text only when asked, left out when decoding skips them.
    public var isSpecial: Bool
    /// Takes the white space before it.
    public var stripsLeft: Bool
    /// Takes the white space after it.
    public var stripsRight: Bool
    /// Found after the text is normalised, not before.
    public var isNormalized: Bool
    /// Found only where no letter, digit or underscore touches it.
    public var isSingleWord: Bool

    /// Creates an added token; the defaults are those of control tokens in most vocabularies.
    public init(
        id: Int32,
        content: String,
        isSpecial: Bool = true,
        stripsLeft: Bool = false,
        stripsRight: Bool = false,
        isNormalized: Bool = false,
        isSingleWord: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.isNormalized = isNormalized
        self.isSingleWord = isSingleWord
    }
}
