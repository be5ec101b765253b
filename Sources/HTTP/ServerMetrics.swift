import Telemetry

/// Counts what a server does.
///
/// Used by the event loop's thread only.
struct ServerMetrics {
    private let registry: MetricsRegistry
    private let labels: [String]
    private var counters: [Int: Counter] = [:]
    private var latencies: [Int: Histogram] = [:]
    let connections: Gauge

    init(registry: MetricsRegistry, routes: [Route]) {
        self.registry = registry
        labels = routes.map { "\($0.method.rawValue) \($0.template.text)" }
        connections = registry.gauge("http_connections", help: "Open connections.")
    }

    mutating func record(_ served: ServedRequest) {
        let route = served.routeIndex >= 0 ? labels[served.routeIndex] : "none"
        let key = (served.routeIndex + 1) * 1000 + served.status.rawValue
        let counter =
            counters[key]
            ?? registry.counter(
                "http_requests_total",
                help: "Requests answered.",
                labels: ["route": route, "status": String(served.status.rawValue)]
            )
        counters[key] = counter
        counter.increment()
        let latency =
            latencies[served.routeIndex]
            ?? registry.histogram(
                "http_request_duration_seconds",
                help: "Time from a complete request to the head of its reply.",
                labels: ["route": route]
            )
        latencies[served.routeIndex] = latency
        latency.observe(Double(served.nanoseconds) / 1e9)
    }
}
