import Domain
import Testing

@testable import Training

@Suite struct `Cache rows` {
    @Test func `runs are given from the front and joined again when they come back`() {
        var rows = CacheRows()
        #expect(rows.take(1) == nil)
        rows.grow(to: 10)
        let given = [rows.take(3), rows.take(3), rows.take(4)]
        #expect(given == [0..<3, 3..<6, 6..<10])
        #expect(rows.used == 10 && rows.freeAtEnd == 0 && rows.taken == [0..<10])
        rows.release(0..<3)
        rows.release(6..<10)
        #expect(rows.take(5) == nil)
        #expect(rows.taken == [3..<6] && rows.freeAtEnd == 4)
        rows.release(3..<6)
        #expect(rows.take(10) == 0..<10)
    }

    @Test func `growth lengthens the free rows at the end`() {
        var rows = CacheRows()
        rows.grow(to: 4)
        #expect(rows.take(2) == 0..<2)
        rows.grow(to: 9)
        #expect(rows.freeAtEnd == 7)
        #expect(rows.take(7) == 2..<9)
        rows.release(0..<1)
        #expect(rows.taken == [1..<9])
    }

    @Test func `no row is given twice, and none is lost`() {
        var random = PhiloxSequence(seed: 4)
        var rows = CacheRows()
        rows.grow(to: 200)
        var held: [Range<Int>] = []
        for _ in 0..<3000 {
            if Bool.random(using: &random), let run = rows.take(.random(in: 1...30, using: &random))
            {
                #expect(!held.contains { $0.overlaps(run) })
                held.append(run)
            } else if let place = held.indices.randomElement(using: &random) {
                var run = held.remove(at: place)
                // A part may come back before the rest.
                if run.count > 2, Bool.random(using: &random) {
                    rows.release(run.prefix(run.count / 2))
                    run = run.dropFirst(run.count / 2)
                }
                rows.release(run)
            }
            #expect(rows.used == held.reduce(0) { $0 + $1.count })
        }
        for run in held { rows.release(run) }
        #expect(rows.take(200) == 0..<200)
    }
}
