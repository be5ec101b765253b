import APITypes
import Client
import Domain
import Synchronization
import Testing

@Suite struct PresentationTests {
    @Test func `a table aligns numbers to the right`() {
        var table = TextTable(["name", "n"])
        table.add(["a", "1"])
        table.add(["long", "234"])
        #expect(table.text == "name  n\n----  ---\na       1\nlong  234")
    }

    @Test func `iterations show only what was measured`() {
        let text = IterationTable.text([
            (0, ["evaluation/reward_mean": -0.04]), (1, ["reward/mean": 1.2345, "policy/kl": 0.5]),
        ])
        #expect(text.contains("iteration  reward  held-out  train KL"))
        #expect(text.contains("1.235") || text.contains("1.234"))
        #expect(text.contains("-0.040"))
        #expect(!text.contains("accuracy"))
        #expect(
            IterationTable.line(2, ["reward/mean": -1, "x": 2]) == "iteration 2  reward -1.000"
        )
    }

    @Test func `a bar has rate and time left`() {
        let line = ProgressBar(width: 4).line("tokens", completed: 50, total: 100, seconds: 5)
        #expect(line == "tokens  [##..] 50/100  10/s  5 s left")
        #expect(ProgressBar().line("x", completed: 3, total: 0, seconds: 0) == "x  3")
        #expect(ProgressBar.duration(59.6) == "1 min 0 s")
        #expect(ProgressBar.duration(7800) == "2 h 10 min")
        #expect(ProgressBar.duration(.nan) == "?")
    }

    @Test func `a followed run gives a line an iteration and a table`() {
        let lines = Mutex<[String]>([])
        var follower = RunFollower(
            iterations: 4,
            output: .init(line: { line in lines.withLock { $0.append(line) } })
        )
        func event(_ kind: String, _ data: Value) -> EventObject {
            EventObject(id: 1, run: "run-1", kind: kind, time: 5, data: data)
        }
        follower.take(event("state", ["state": "running"]))
        follower.take(
            event(
                "metrics",
                ["iteration": 1, "metrics": ["reward/mean": 0.5, "policy/kl": .null]]
            )
        )
        follower.take(event("state", ["state": "failed", "error": ["message": "worker lost"]]))
        #expect(
            lines.withLock { $0 } == [
                "running", "iteration 1  reward 0.500", "failed: worker lost",
            ]
        )
        #expect(follower.table.contains("0.500"))
        #expect(follower.state == "failed")
    }

    @Test func `names are escaped in paths`() {
        #expect(HoneClient.escaped("a@1") == "a@1")
        #expect(HoneClient.escaped("a/b c?") == "a%2Fb%20c%3F")
    }

    @Test func `an unreachable server says how to start one`() async {
        do {
            _ = try await HoneClient(url: "http://127.0.0.1:1/").get(
                ListPage<RunObject>.self,
                "/v1/runs"
            )
            Issue.record("something answered on port 1")
        } catch {
            #expect(error.message.contains("hone serve"))
            #expect(error.message.contains("http://127.0.0.1:1 "))
        }
    }
}
