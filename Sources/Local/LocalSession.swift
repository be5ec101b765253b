public import APITypes
public import Domain
import Foundation
import Outbound
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

    /// Ends all workers and gives the data folder back.
    public func close() async { await control.shutdown() }

    /// Imports a GGUF file or a Hugging Face folder and tells its size in words.
    public func importModel(path: String, name: String) async throws(HoneError) -> Value {
        Self.value(try await control.importModel(path: path, name: name))
    }

    /// Makes a model with random weights and tells its size in words.
    public func createModel(_ model: NewModel, name: String) async throws(HoneError) -> Value {
        Self.value(try await control.createModel(model, name: name))
    }

    private static func value(_ record: ModelRecord) -> Value {
        [
            "id": .string(record.name), "object": "model",
            "architecture": .string(record.configuration.architecture),
            "parameter_count": .integer(record.parameterCount),
            "byte_count": .integer(record.byteCount),
            "source_type": .string(record.sourceType),
        ]
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
        let groups = try await control.sample(
            SampleRequest(
                model: request.run.map { .run($0) } ?? .model(request.model ?? ""),
                prompts: request.prompts,
                groupSize: request.count,
                sampling: request.sampling,
                strategy: request.strategy,
                reward: request.reward,
                seed: request.seed
            )
        )
        return groups.enumerated().flatMap { promptIndex, group in
            group.rollouts.enumerated().map { sampleIndex, rollout in
                var object = RolloutObject(
                    prompt: group.prompt,
                    rollout: rollout,
                    promptIndex: promptIndex,
                    sampleIndex: sampleIndex
                )
                object.reward =
                    group.results.indices.contains(sampleIndex)
                    ? group.results[sampleIndex].score : nil
                (object.candidates, object.acceptance) = (group.candidates, group.acceptance)
                return object
            }
        }
    }
}
