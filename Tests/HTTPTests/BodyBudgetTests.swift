import Testing

@testable import HTTP

private func post(_ framing: String) -> String {
    "POST /a HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n"
}

struct BodyBudgetTests {
    private let body = String(repeating: "x", count: 200_000)

    private var bench: Bench { Bench { $0.bodyMemoryBytes = 300_000 } }

    @Test func `a body that does not fit beside another is refused at its head`() {
        var bench = bench
        bench.receive(post("Content-Length: 200000") + body)
        bench.receive(post("Content-Length: 200000"))
        let waiting = bench.waiting.count
        #expect(waiting == 1)
        bench.answer(0, .text(""))
        let statuses = bench.statuses
        #expect(statuses == [200, 503])
        let text = bench.text
        #expect(text.contains("retry-after: 1"))
        let isFinished = bench.isFinished
        #expect(isFinished)
    }

    @Test func `a body of unknown length is refused where there is no room for more`() {
        var bench = bench
        bench.receive(post("Content-Length: 200000") + body)
        bench.receive(post("Transfer-Encoding: chunked"))
        bench.receive("10000\r\n" + body.prefix(65_536) + "\r\n")
        let isOpen = bench.machine.wantsInput
        #expect(isOpen)
        bench.receive("20000\r\n" + body.prefix(131_072) + "\r\n")
        bench.answer(0, .text(""))
        let statuses = bench.statuses
        #expect(statuses == [200, 503])
    }

    @Test func `small bodies pass whatever the large ones take`() {
        var bench = bench
        bench.receive(post("Content-Length: 290000") + body + body.prefix(90_000))
        bench.receive(post("Content-Length: 60000") + body.prefix(60_000))
        let waiting = bench.waiting.count
        #expect(waiting == 2)
    }

    @Test func `what is answered is given back`() {
        var bench = bench
        for number in 0..<5 {
            bench.receive(post("Content-Length: 200000") + body)
            bench.answer(number, .text(""))
        }
        let statuses = bench.statuses
        #expect(statuses == [200, 200, 200, 200, 200])
    }

    @Test func `a share is taken as it fills and ends with its owner`() {
        let budget = BodyBudget(limit: 1 << 20)
        var first = budget.share(forBodyOf: 1 << 20)
        #expect(budget.share(forBodyOf: 2 << 20) == nil)
        #expect(first?.cover(700_000) == true)
        let second = budget.share(forBodyOf: 0)
        #expect(second?.cover(64 << 10) == true)
        #expect(second?.cover(400_000) == false)
        #expect(budget.share(forBodyOf: 400_000) == nil)
        first = nil
        #expect(second?.cover(400_000) == true)
    }
}
