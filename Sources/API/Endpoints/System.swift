import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store
import Telemetry

extension EndpointTable {
    /// What `/metrics` tells of the workers.
    private static let workerMetrics: [WorkerMetric] = [
        .init(
            name: "hone_worker_resident_bytes",
            help: "Memory the workers of a role hold.",
            value: { $0.residentBytes }
        ),
        .init(
            name: "hone_worker_drawn_tokens",
            help: "Tokens the live workers of a role have drawn.",
            value: { $0.sampling.drawnTokens }
        ),
        .init(
            name: "hone_worker_prompt_tokens",
            help: "Prompt tokens the live workers of a role were given.",
            value: { $0.sampling.promptTokens }
        ),
        .init(
            name: "hone_worker_cached_prompt_tokens",
            help: "Prompt tokens that the prefix cache knew.",
            value: { $0.sampling.cachedPromptTokens }
        ),
        .init(
            name: "hone_worker_prefix_cache_bytes",
            help: "Keys and values kept of earlier prompts.",
            value: { $0.sampling.prefixCacheBytes }
        ),
        .init(
            name: "hone_worker_prefix_cache_evicted_bytes",
            help: "Keys and values that had to make room for others.",
            value: { $0.sampling.prefixCacheEvictedBytes }
        ),
    ]

    /// Written once: many who ask for it first at the same time wait for one writing.
    private static let openAPI = JSONText.data(OpenAPIDocument.value)

    /// How the server is, and what it offers.
    static let system: [Endpoint] = [
        Endpoint(
            .get,
            "/healthz",
            "Whether the process answers.",
            needs: .open,
            reply: .json(HealthObject.schema),
            stateVersion: { _ in 0 }
        ) {
            try $0.reply(HealthObject(status: "ok"))
        },
        Endpoint(
            .get,
            "/readyz",
            "Whether requests can be served.",
            needs: .open,
            reply: .json(HealthObject.schema),
            errors: [.overloaded, .internalError]
        ) { call in
            try await call.control.checkHealth()
            return try call.reply(HealthObject(status: "ready"))
        },
        Endpoint(
            .get,
            "/metrics",
            "Metrics of the process in Prometheus' text format.",
            needs: .read,
            reply: .content("text/plain")
        ) { call in
            // By role alone: a label for each process would grow with every restart.
            let workers = Dictionary(grouping: await call.control.workers(), by: \.role)
            for metric in workerMetrics {
                call.context.metrics.setGauges(
                    metric.name,
                    help: metric.help,
                    values: workers.map { role, group in
                        (["role": role], group.reduce(0) { $0 + Double(metric.value($1)) })
                    }
                )
            }
            call.context.metrics.setGauges(
                "hone_comparisons_waiting",
                help: "Comparisons that wait for an annotator's answer.",
                values: [([:], Double(try await call.control.feedback.store.openItems(run: nil)))]
            )
            return HTTPResponse(
                contentType: MetricsRegistry.contentType,
                bytes: Array(call.context.metrics.prometheusText().utf8)
            )
        },
        Endpoint(
            .get,
            "/openapi.json",
            "This interface as an OpenAPI 3.1 document.",
            needs: .read,
            reply: .json(.openObject([])),
            stateVersion: { _ in 0 }
        ) { _ in
            .json(openAPI)
        },
        Endpoint(
            .get,
            "/v1/workers",
            "The worker processes and what they are doing.",
            needs: .read,
            reply: .json(.page(of: WorkerObject.schema))
        ) { call in
            try call.reply(ListPage(await call.control.workers().map(WorkerObject.init)))
        },
    ]
}

/// One figure of the workers as a gauge.
private struct WorkerMetric: Sendable {
    let name: String
    let help: String
    let value: @Sendable (WorkerStatus) -> Int
}
