import Synchronization

/// All metrics of a process, written as Prometheus text (exposition format 0.0.4).
///
/// Asking for the same name and labels gives the same instrument, so that a hot path keeps the
/// instrument and never looks it up. Asking for a name with another kind is a programmer's error.
public final class MetricsRegistry: Sendable {
    /// The content type of `prometheusText()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let families = Mutex<[String: MetricFamily]>([:])

    /// Makes an empty registry.
    public init() {}

    /// The counter of this name and these labels, made if it does not exist.
    public func counter(_ name: String, help: String, labels: [String: String] = [:]) -> Counter {
        let made = instrument(name, help, labels, kind: .counter) { .counter(Counter()) }
        guard case .counter(let counter) = made else {
            preconditionFailure("\(name) is not a counter")
        }
        return counter
    }

    /// The gauge of this name and these labels, made if it does not exist.
    public func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> Gauge {
        let made = instrument(name, help, labels, kind: .gauge) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = made else { preconditionFailure("\(name) is not a gauge") }
        return gauge
    }

    /// Sets every gauge of a name at once: what is not among the values is there no longer.
    public func setGauges(
        _ name: String,
        help: String,
        values: [(labels: [String: String], value: Double)]
    ) {
        for (labels, value) in values { gauge(name, help: help, labels: labels).set(value) }
        let current = Set(values.map { MetricFamily.labelText($0.labels) })
        families.withLock { families in
            let known = families[name]?.series ?? [:]
            families[name]?.series = known.filter { current.contains($0.key) }
        }
    }

    /// The histogram of this name and these labels, made if it does not exist.
    ///
    /// - Parameters:
    ///   - name: the name under which Prometheus sees it.
    ///   - help: one line that says what is measured.
    ///   - bounds: upper bounds in rising order; they count at the first call only.
    ///   - labels: tell series of one name apart.
    /// - Returns: the same histogram at every call with the same name and labels.
    public func histogram(
        _ name: String,
        help: String,
        bounds: [Double] = Histogram.latencyBounds,
        labels: [String: String] = [:]
    ) -> Histogram {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must rise")
        let made = instrument(name, help, labels, kind: .histogram) {
            .histogram(Histogram(bounds: bounds))
        }
        guard case .histogram(let histogram) = made else {
            preconditionFailure("\(name) is not a histogram")
        }
        return histogram
    }

    /// Every metric as Prometheus text, families and series in alphabetical order.
    public func prometheusText() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (_, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            family.write(to: &text)
        }
        return text
    }

    private func instrument(
        _ name: String,
        _ help: String,
        _ labels: [String: String],
        kind: MetricFamily.Kind,
        make: () -> MetricFamily.Instrument
    ) -> MetricFamily.Instrument {
        precondition(MetricFamily.isName(name), "not a metric name: \(name)")
        precondition(labels.keys.allSatisfy(MetricFamily.isName), "not a label name")
        let key = MetricFamily.labelText(labels)
        return families.withLock { families in
            if let existing = families[name]?.series[key] { return existing }
            let made = make()
            families[name, default: MetricFamily(name: name, help: help, kind: kind)]
                .series[key] = made
            precondition(families[name]?.kind == kind, "\(name) is already another kind of metric")
            return made
        }
    }
}
