public import APITypes
public import Domain
import Foundation
import Outbound
import Presentation
import Scheduling
import Store

/// The scheduler and its workers in the caller's own process, holding the data folder's lock.
public struct LocalSession: Sendable {
    let control: ControlPlane

    /// Opens a data folder.
    ///
    /// - Parameters:
    ///   - data: The data folder; made when missing.
    ///   - threads: Of each worker; `nil`: one for each core.
    ///   - remoteHosts: Hosts that remote rewards may ask beside this machine.
    ///   - allowsPythonGraders: Whether graders in Python are run.
    ///   - allowsPythonNetwork: Whether they are run even where they cannot be kept from the network.
    ///   - warn: Gets what people must know of how it was opened.
    ///   - log: Gets lines for people: what workers write, what the scheduler does.
    /// - Throws: `data_folder_locked` naming the process that has it; `forbidden` for graders that
    ///   would have the network and may not.
    public init(
        data: String,
        threads: Int? = nil,
        remoteHosts: [String] = [],
        allowsPythonGraders: Bool = false,
        allowsPythonNetwork: Bool = false,
        warn: (String) -> Void = { _ in },
        log: @escaping @Sendable (String) -> Void
    ) async throws(HoneError) {
        let launcher = ProcessWorkerLauncher(
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            dataFolder: data,
            log: { role, _, line in log("\(role): \(line)") }
        )
        var configuration = ControlPlaneConfiguration(dataFolder: data)
        configuration.remoteTransport = OutboundHTTP(hosts: remoteHosts)
        if allowsPythonGraders {
            let runner = try PythonRunner(mayHaveNetwork: allowsPythonNetwork)
            if let warning = try await runner.check() { warn(warning) }
            configuration.pythonRunner = runner
        }
        control = try await ControlPlane(
            configuration: configuration,
            launcher: launcher,
            log: log
        )
    }

    /// Where the process that holds a data folder is asked; `nil` when it serves nothing.
    public static func server(of data: String) -> String? { ControlPlane.server(of: data) }

    /// Ends all workers and gives the data folder back.
    public func close() async { await control.shutdown() }

    /// Imports a GGUF file or a Hugging Face folder; the same object as `POST /v1/models`.
    public func importModel(path: String, name: String) async throws(HoneError) -> Value {
        try JSONText.value(of: ModelObject(await control.importModel(path: path, name: name)))
    }

    /// Makes a model with random weights; the same object as `POST /v1/models`.
    public func createModel(_ model: NewModel, name: String) async throws(HoneError) -> Value {
        try JSONText.value(of: ModelObject(await control.createModel(model, name: name)))
    }

    /// Writes a model or checkpoint as `hf` (a folder) or `gguf` (a file).
    public func exportModel(
        _ name: String,
        format: String,
        to destination: String
    ) async throws(HoneError) {
        try await control.exportModel(name, format: format, destination: destination)
    }

    /// Draws completions; the same request as `POST /v1/rollouts`.
    public func generate(_ request: RolloutsRequest) async throws(HoneError) -> [RolloutObject] {
        RolloutObject.list(try await control.sample(SampleRequest(request)))
    }
}
