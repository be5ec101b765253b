public import Domain

/// Everything a daemon or a headless CLI asks for, one instance per data folder.
public actor ControlPlane {
    let configuration: ControlPlaneConfiguration
    let launcher: any WorkerLauncher
    let log: @Sendable (String) -> Void

    /// Takes the data folder's lock, opens the store and brings it up to date.
    ///
    /// - Throws: `.dataFolderLocked` naming the holder's process, `.conflict` for a store written by
    ///   a newer version, `.diskFull`, `.internalError`.
    public init(
        configuration: ControlPlaneConfiguration,
        launcher: any WorkerLauncher,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(HoneError) {
        self.configuration = configuration
        self.launcher = launcher
        self.log = log
    }

    /// Drives queued and running runs, one at a time, until `shutdown()` or cancellation.
    public func run() async {}

    /// Stops the current run at its next unit boundary (it goes on at the next start), closes all
    /// workers and gives the data folder back.
    public func shutdown() async {}
}
