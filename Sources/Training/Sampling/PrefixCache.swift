/// Which prompts' keys and values are in the cache rows: a radix tree over token ids.
///
/// A node owns the rows of the tokens between its parent and itself. Prompts that begin alike share
/// the nodes of their common beginning. A prompt that is being continued holds the node it added,
/// which keeps that node and all above it; of the rest the least recently used leaf goes first.
final class PrefixCache {
    /// A stretch of tokens and their rows.
    final class Node {
        fileprivate(set) var tokens: ArraySlice<Int32>
        fileprivate(set) var rows: Range<Int>
        fileprivate var children: [Int32: Node] = [:]
        fileprivate weak var parent: Node?
        /// Prompts at work whose rows these are.
        fileprivate var holders = 0
        fileprivate var lastUse = 0

        fileprivate init(_ tokens: ArraySlice<Int32>, _ rows: Range<Int>, parent: Node?) {
            self.tokens = tokens
            self.rows = rows
            self.parent = parent
        }
    }

    /// What became of a prompt that was offered.
    struct Insertion {
        /// Leading tokens that were there before; their rows remain the giver's.
        let known: Int
        /// The node that took over the other rows, held for the giver; `nil` when it took none.
        let node: Node?
    }

    /// The most rows kept, those of prompts at work not counted.
    let rowLimit: Int
    /// Rows that the nodes own.
    private(set) var rowCount = 0
    private let root = Node([], 0..<0, parent: nil)
    private var clock = 0

    init(rowLimit: Int) { self.rowLimit = rowLimit }

    /// The rows of the longest beginning of `tokens` that is known, in order.
    func match(_ tokens: ArraySlice<Int32>) -> [Range<Int>] {
        clock += 1
        return walk(tokens).map { node, count in
            node.lastUse = clock
            return node.rows.lowerBound..<node.rows.lowerBound + count
        }
    }

    /// How many leading tokens are known.
    func knownCount(_ tokens: ArraySlice<Int32>) -> Int { walk(tokens).reduce(0) { $0 + $1.count } }

    /// The nodes along `tokens`, and how many of their tokens agree: all but perhaps in the last.
    private func walk(_ tokens: ArraySlice<Int32>) -> [(node: Node, count: Int)] {
        var path: [(node: Node, count: Int)] = []
        var (node, rest) = (root, tokens)
        while let first = rest.first, let child = node.children[first] {
            let count = commonPrefixCount(child.tokens, rest)
            path.append((child, count))
            if count < child.tokens.count { break }
            (node, rest) = (child, rest.dropFirst(count))
        }
        return path
    }

    /// Takes over the rows of the tokens that are not known yet, and holds them.
    ///
    /// - Parameters:
    ///   - tokens: a prompt, not empty.
    ///   - rows: its rows, one for each token.
    /// - Returns: what it took; the other rows remain the giver's.
    func insert(_ tokens: [Int32], rows: Range<Int>) -> Insertion {
        clock += 1
        let path = walk(tokens[...])
        for (node, _) in path { node.lastUse = clock }
        let known = path.reduce(0) { $0 + $1.count }
        guard known < tokens.count, tokens.count - known <= rowLimit else {
            return Insertion(known: tokens.count, node: nil)
        }
        var parent = path.last?.node ?? root
        if let (last, count) = path.last, count < last.tokens.count {
            parent = split(last, at: count)
        }
        let node = Node(tokens[known...], rows.dropFirst(known), parent: parent)
        (node.holders, node.lastUse) = (1, clock)
        parent.children[tokens[known]] = node
        rowCount += node.rows.count
        return Insertion(known: known, node: node)
    }

    /// Cuts a node in two; the lower part remains the node that its holder knows.
    private func split(_ node: Node, at count: Int) -> Node {
        guard let parent = node.parent, let first = node.tokens.first else {
            preconditionFailure("the root has no tokens")
        }
        let upper = Node(node.tokens.prefix(count), node.rows.prefix(count), parent: parent)
        upper.lastUse = node.lastUse
        parent.children[first] = upper
        node.tokens = node.tokens.dropFirst(count)
        node.rows = node.rows.dropFirst(count)
        node.parent = upper
        if let next = node.tokens.first { upper.children[next] = node }
        return upper
    }

    /// Ends a hold that `insert` gave.
    func release(_ node: Node) { node.holders -= 1 }

    /// Drops the leaf that was not used for the longest time; `nil` when all are held.
    func evict() -> Range<Int>? {
        guard
            let oldest = leaves(root).filter({ $0.holders == 0 }).min(by: {
                $0.lastUse < $1.lastUse
            }),
            let first = oldest.tokens.first
        else { return nil }
        oldest.parent?.children[first] = nil
        rowCount -= oldest.rows.count
        return oldest.rows
    }

    private func leaves(_ node: Node) -> [Node] {
        if node.children.isEmpty { return node === root ? [] : [node] }
        return node.children.values.flatMap { leaves($0) }
    }

    /// Forgets everything; returns the rows of all nodes, held or not.
    func removeAll() -> [Range<Int>] {
        defer {
            root.children = [:]
            rowCount = 0
        }
        return rows(below: root)
    }

    private func rows(below node: Node) -> [Range<Int>] {
        node.children.values.flatMap { [$0.rows] + rows(below: $0) }
    }
}

/// How many leading elements are equal.
func commonPrefixCount(_ left: ArraySlice<Int32>, _ right: ArraySlice<Int32>) -> Int {
    var count = 0
    for (one, other) in zip(left, right) {
        guard one == other else { break }
        count += 1
    }
    return count
}
