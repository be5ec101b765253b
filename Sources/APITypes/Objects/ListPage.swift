/// One page of a list.
public struct ListPage<Element: Codable & Sendable>: Sendable, Codable {
    /// Always `list`.
    public var object = "list"
    /// The objects of this page, in the order of the list.
    public var data: [Element]
    /// Whether `after` the last element there are more.
    public var hasMore: Bool

    /// Makes one of its content.
    public init(_ data: [Element], hasMore: Bool = false) {
        self.data = data
        self.hasMore = hasMore
    }
}
