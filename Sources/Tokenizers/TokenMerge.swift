/// One learned merge: two neighbouring tokens become one.
///
/// Its rank is its place in the list.
public struct TokenMerge: Sendable, Hashable {
    /// The id of the token on the left.
    public var left: Int32
    /// The id of the token on the right.
    public var right: Int32
    /// The id of the token whose text is both texts joined.
    public var result: Int32

    /// Creates a merge of three ids of one vocabulary.
    public init(left: Int32, right: Int32, result: Int32) {
        self.left = left
        self.right = right
        self.result = result
    }
}
