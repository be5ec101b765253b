public import Telemetry

/// What every endpoint may use.
public struct APIContext: Sendable {
    /// What the endpoints hand all work to.
    public var control: any ControlService
    /// What `GET /metrics` shows.
    public var metrics: MetricsRegistry
    /// Gets failed requests and the server's own lines.
    public var log: Log
    /// Where exports are written before they are sent, and uploads wait; cleared at start.
    public var temporaryFolder: String
    /// What other trainers get that name no reward model; `nil` where there is none.
    public var servedReward: ServedReward?
    /// Who may ask; it knows no tokens before `reload()`.
    public var gate: Gatekeeper
    /// What the server is called, and whether other machines reach it.
    public var hosts = ServedHosts()
    /// What Argilla's events are signed with; `nil`: none are taken.
    public var argillaSecret: WebhookSecret?

    /// Makes one; fields that are not named here can be set after.
    public init(
        control: any ControlService,
        metrics: MetricsRegistry,
        log: Log,
        temporaryFolder: String
    ) {
        self.control = control
        self.metrics = metrics
        self.log = log
        self.temporaryFolder = temporaryFolder
        gate = Gatekeeper(desk: control.tokens, metrics: metrics, log: log)
    }
}
