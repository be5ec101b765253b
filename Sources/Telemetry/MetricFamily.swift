/// The series of one metric name: one instrument for each set of labels.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
    }

    let name: String
    let help: String
    let kind: Kind
    /// Keyed by the labels as they are written, without braces.
    var series: [String: Instrument] = [:]

    func write(to text: inout String) {
        text += "# HELP \(name) \(MetricFamily.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for (labels, instrument) in series.sorted(by: { $0.key < $1.key }) {
            switch instrument {
            case .counter(let counter): writeSample("", labels, counter.value, to: &text)
            case .gauge(let gauge): writeSample("", labels, gauge.value, to: &text)
            case .histogram(let histogram): write(histogram, labels, to: &text)
            }
        }
    }

    private func write(_ histogram: Histogram, _ labels: String, to text: inout String) {
        let reading = histogram.reading
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], reading.counts) {
            cumulative += count
            let separator = labels.isEmpty ? "" : ","
            let bounded = labels + separator + "le=\"\(MetricFamily.number(bound))\""
            writeSample("_bucket", bounded, Double(cumulative), to: &text)
        }
        writeSample("_sum", labels, reading.sum, to: &text)
        writeSample("_count", labels, Double(reading.total), to: &text)
    }

    private func writeSample(
        _ suffix: String,
        _ labels: String,
        _ value: Double,
        to text: inout String
    ) {
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)\(suffix)\(braces) \(MetricFamily.number(value))\n"
    }

    static func labelText(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x3A
        }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }
}
