import Synchronization
import Telemetry
import Testing

/// Keeps lines.
private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var text: [String] { all.withLock { $0 } }
}

@Test func `a log line is one line of pairs at its level and above`() throws {
    let lines = Lines()
    let log = Log(level: .info) { lines.add($0) }.with(["run": "r 1"])
    log.debug("hidden")
    log.info("hello\n\"you\"", ["port": "8420", "empty": ""])
    let line = try #require(lines.text.first)
    #expect(lines.text.count == 1)
    #expect(line.hasPrefix("time=2"))
    #expect(
        line.hasSuffix(
            "Z level=info message=\"hello\\n\\\"you\\\"\" port=8420 empty=\"\" run=\"r 1\"\n"
        )
    )
}

@Test func `metrics are written as Prometheus reads them`() {
    let registry = MetricsRegistry()
    registry.counter("b_total", help: "Bs.", labels: ["kind": "a\"b\\c\nd"]).increment(by: 2)
    registry.counter("b_total", help: "Bs.", labels: ["kind": "a\"b\\c\nd"]).increment()
    registry.gauge("a", help: "As\nhere.").set(0.5)
    let histogram = registry.histogram("c", help: "Cs.", bounds: [1, 2], labels: ["x": "y"])
    for value in [0.5, 1, 1.5, 3] { histogram.observe(value) }
    #expect(
        registry.prometheusText() == """
            # HELP a As\\nhere.
            # TYPE a gauge
            a 0.5
            # HELP b_total Bs.
            # TYPE b_total counter
            b_total{kind="a\\"b\\\\c\\nd"} 3
            # HELP c Cs.
            # TYPE c histogram
            c_bucket{x="y",le="1"} 2
            c_bucket{x="y",le="2"} 3
            c_bucket{x="y",le="+Inf"} 4
            c_sum{x="y"} 6
            c_count{x="y"} 4

            """
    )
}

@Test func `a counter never falls`() {
    let counter = MetricsRegistry().counter("a", help: "")
    counter.increment(by: -1)
    counter.increment(by: .nan)
    #expect(counter.value == 0)
}
