import Domain
import Testing

@testable import Training

@Suite struct `Prefix cache` {
    private func match(_ cache: PrefixCache, _ tokens: [Int32]) -> [Range<Int>] {
        cache.match(tokens[...])
    }

    /// Offers a prompt and lets go of it.
    private func add(_ cache: PrefixCache, _ tokens: [Int32], _ rows: Range<Int>) -> Int {
        let insertion = cache.insert(tokens, rows: rows)
        if let node = insertion.node { cache.release(node) }
        return insertion.known
    }

    @Test func `prompts share the rows of their common beginning`() {
        let cache = PrefixCache(rowLimit: 100)
        #expect(match(cache, [1, 2]).isEmpty)
        #expect(add(cache, [1, 2, 3, 4], 10..<14) == 0)
        #expect(match(cache, [1, 2, 3, 4, 5]) == [10..<14])
        #expect(match(cache, [1, 2, 9]) == [10..<12])
        #expect(add(cache, [1, 2, 8, 9], 20..<24) == 2)
        // The first two tokens are the first prompt's; the second gave two rows of four.
        #expect(cache.rowCount == 6)
        #expect(match(cache, [1, 2, 8, 9]) == [10..<12, 22..<24])
        #expect(match(cache, [1, 2, 3, 4]) == [10..<12, 12..<14])
        #expect(cache.knownCount([1, 2, 8, 7]) == 3)
        #expect(match(cache, [2]).isEmpty)
    }

    @Test func `a prompt that is known gives no rows`() {
        let cache = PrefixCache(rowLimit: 100)
        _ = add(cache, [1, 2, 3, 4], 0..<4)
        for prompt in [[1, 2, 3, 4], [1, 2]] as [[Int32]] {
            let again = cache.insert(prompt, rows: 50..<50 + prompt.count)
            #expect(again.node == nil && again.known == prompt.count)
        }
        #expect(cache.rowCount == 4)
    }

    @Test func `a prompt over the bound is not taken`() {
        let cache = PrefixCache(rowLimit: 3)
        #expect(cache.insert([1, 2, 3, 4], rows: 0..<4).node == nil)
        #expect(cache.rowCount == 0 && match(cache, [1, 2]).isEmpty)
    }

    @Test func `the leaf that was not used for the longest time goes first`() {
        let cache = PrefixCache(rowLimit: 100)
        _ = add(cache, [1, 2, 3], 0..<3)
        _ = add(cache, [1, 2, 4], 10..<13)
        _ = add(cache, [7, 7], 20..<22)
        _ = match(cache, [1, 2, 3])
        #expect(cache.evict() == 12..<13)
        _ = match(cache, [1])
        #expect(cache.evict() == 20..<22)
        #expect(cache.evict() == 2..<3)
        // What was the beginning of two prompts is a leaf now.
        #expect(cache.evict() == 0..<2)
        #expect(cache.evict() == nil && cache.rowCount == 0)
    }

    @Test func `what is held stays, also when it is cut in two`() throws {
        let cache = PrefixCache(rowLimit: 100)
        let first = try #require(cache.insert([1, 2, 3], rows: 0..<3).node)
        #expect(cache.evict() == nil)
        _ = add(cache, [1, 5], 8..<10)
        #expect(cache.evict() == 9..<10)
        #expect(cache.evict() == nil)
        cache.release(first)
        #expect(cache.evict() == 1..<3)
        #expect(cache.evict() == 0..<1)
    }

    @Test func `forgetting gives every row back, held or not`() {
        let cache = PrefixCache(rowLimit: 100)
        _ = cache.insert([1, 2, 3], rows: 0..<3)
        _ = add(cache, [1, 5], 8..<10)
        let rows = cache.removeAll().flatMap { Array($0) }
        #expect(rows.sorted() == [0, 1, 2, 9])
        #expect(cache.rowCount == 0 && match(cache, [1]).isEmpty)
    }

    /// Each row stands for the token and everything before it: whatever is found must spell the
    /// prompt it is found for.
    @Test func `what is found is what was put there, whatever happened between`() {
        var random = PhiloxSequence(seed: 8)
        let cache = PrefixCache(rowLimit: 60)
        var rows = CacheRows()
        rows.grow(to: 400)
        var content: [Int: [Int32]] = [:]
        var held: [(PrefixCache.Node, Range<Int>)] = []
        for _ in 0..<2000 {
            let length = Int.random(in: 1...12, using: &random)
            let prompt = (0..<length).map { _ in Int32.random(in: 0...2, using: &random) }
            let found = cache.match(prompt[...]).flatMap { Array($0) }
            for (place, row) in found.enumerated() {
                #expect(content[row] == Array(prompt[...place]))
            }
            guard let run = rows.take(length) else { break }
            for place in 0..<length { content[run.lowerBound + place] = Array(prompt[...place]) }
            let insertion = cache.insert(prompt, rows: run)
            if let node = insertion.node {
                held.append((node, run.prefix(insertion.known)))
            } else {
                rows.release(run)
            }
            if held.count > 5 {
                let (node, own) = held.removeFirst()
                cache.release(node)
                rows.release(own)
            }
            while cache.rowCount > cache.rowLimit, let freed = cache.evict() { rows.release(freed) }
            let owned = cache.rowCount + held.reduce(0) { $0 + $1.1.count }
            #expect(rows.used == owned)
        }
    }
}
