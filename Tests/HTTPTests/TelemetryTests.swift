import Foundation
import Synchronization
import Telemetry
import Testing

/// Keeps lines.
private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var text: [String] { all.withLock { $0 } }
}

@Test func `a log line is one JSON object at its level and above`() throws {
    let lines = Lines()
    let log = Log(level: .info) { lines.add($0) }
    log.debug("hidden")
    log.info("hello\n\"you\"", ["port": "8420", "empty": ""])
    let line = try #require(lines.text.first)
    #expect(lines.text.count == 1)
    #expect(line.hasPrefix("{\"time\":\"2"))
    #expect(
        line.hasSuffix(
            "Z\",\"level\":\"info\",\"message\":\"hello\\n\\\"you\\\"\",\"port\":\"8420\","
                + "\"empty\":\"\"}\n"
        )
    )
}

@Test(arguments: [
    "a\nb\r\nc", "\u{0}\u{1B}[31m\u{7F}\u{85}\u{9B}", "\u{2028}\u{2029}\u{202E}", "\\\"}\\",
    String(decoding: [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80], as: UTF8.self), "😀 ümlaut",
])
func `whatever is logged, the line is one JSON object that says it`(_ text: String) throws {
    let lines = Lines()
    Log { lines.add($0) }.error(text, ["path": text, text: text])
    let line = try #require(lines.text.first)
    #expect(line.hasSuffix("}\n"))
    let body = line.dropLast()
    #expect(!body.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    #expect(!body.unicodeScalars.contains { (0x2028...0x202E).contains($0.value) })
    let fields = try JSONDecoder().decode([String: String].self, from: Data(body.utf8))
    #expect(fields["message"] == text && fields["path"] == text && fields[text] == text)
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

@Test func `gauges that are set together leave none of before`() {
    let registry = MetricsRegistry()
    for roles in [["a", "b"], ["b", "c"], []] {
        registry.setGauges("g", help: "", values: roles.map { (["role": $0], 1) })
        let lines = registry.prometheusText().split(separator: "\n").filter { $0.hasPrefix("g{") }
        #expect(lines == roles.map { "g{role=\"\($0)\"} 1" })
    }
}

@Test func `a counter never falls`() {
    let counter = MetricsRegistry().counter("a", help: "")
    counter.increment(by: -1)
    counter.increment(by: .nan)
    #expect(counter.value == 0)
}
