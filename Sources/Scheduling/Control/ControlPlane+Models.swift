public import Domain
import Foundation
import Rewards
public import Store
import WorkerProtocol

extension ControlPlane {
    /// All models, by name.
    public func models() async throws(HoneError) -> [ModelRecord] { try await store.models() }

    /// Moves on whenever `models()` changes; needs no wait, so that a list can be known to be current.
    public nonisolated var modelsVersion: UInt64 { store.modelChanges.count }

    /// One model by name, or a checkpoint by `RUN@ITERATION`.
    ///
    /// - Throws: `.unknownModel` naming the nearest, `.notFound` for a checkpoint that is not kept.
    public func model(_ name: String) async throws(HoneError) -> ModelRecord {
        if let found = try await store.model(name) { return found }
        guard name.contains("@") else {
            let known = try await store.models().map(\.name)
            throw HoneError(
                .unknownModel,
                Names.unknown("model", name, among: known),
                param: name
            )
        }
        let checkpoint = try await checkpoint(name)
        let run = try await store.run(checkpoint.runID)
        guard var record = try await findModel(run.spec.model) else {
            throw HoneError(
                .unknownModel,
                "the model \"\(run.spec.model)\" of the run is gone",
                param: name
            )
        }
        record.name = name
        record.folder = checkpoint.path
        record.byteCount = checkpoint.byteCount
        record.importedFrom = nil
        record.runID = run.id
        record.createdAt = checkpoint.createdAt
        record.isRewardModel = run.spec.kind == .rewardModel
        record.rewardKind = run.spec.rewardKind
        return record
    }

    /// The same; `nil` for what is not there any more.
    func findModel(_ name: String) async throws(HoneError) -> ModelRecord? {
        do throws(HoneError) {
            return try await model(name)
        } catch  where error.namesNothing {
            return nil
        }
    }

    /// Imports a GGUF file or a Hugging Face folder under a name (see `ResourceName`).
    public func importModel(
        path: String,
        name: String
    ) async throws(HoneError) -> ModelRecord {
        let source = DataFolder(path).root
        guard folder.exists(source) else {
            throw HoneError(.notFound, "\(path) does not exist", param: "path")
        }
        let order = WorkerRequest.importModel(
            .init(source: source, destination: folder.model(name))
        )
        return try await addModel(name, from: source, order)
    }

    /// Makes a model with random weights as `name`.
    ///
    /// - Throws: `.unknownModel` for a tokenizer that is neither built in nor a model's.
    public func createModel(
        _ model: NewModel,
        name: String
    ) async throws(HoneError) -> ModelRecord {
        let isOwn = NewModel.ownTokenizers.contains(model.tokenizer)
        let order = WorkerRequest.createModel(
            .init(
                model: model,
                tokenizerFolder: isOwn ? nil : try await self.model(model.tokenizer).folder,
                destination: folder.model(name)
            )
        )
        return try await addModel(name, from: nil, order)
    }

    private func addModel(
        _ name: String,
        from source: String?,
        _ order: WorkerRequest
    ) async throws(HoneError) -> ModelRecord {
        if let problem = Names.problem(name) {
            throw HoneError(.invalidRequest, "a model's name \(problem)", param: "name")
        }
        guard !importing.contains(name), try await store.model(name) == nil else {
            throw HoneError(
                .alreadyExists,
                "a model named \"\(name)\" exists: choose another name or delete it first",
                param: "name"
            )
        }
        importing.insert(name)
        defer { importing.remove(name) }
        // A folder without a record is what an interrupted import left.
        try folder.remove(folder.model(name))
        guard case .imported(let summary) = try await once("import", order) else {
            throw HoneError(.internalError, "the worker did not write the model")
        }
        let record = ModelRecord(
            name: name,
            isRewardModel: summary.isRewardModel,
            rewardKind: summary.rewardKind,
            folder: folder.model(name),
            configuration: summary.configuration,
            parameterCount: summary.parameterCount,
            byteCount: summary.byteCount,
            sourceType: summary.sourceType,
            importedFrom: source,
            createdAt: store.now()
        )
        try await store.insertModel(record)
        return record
    }

    /// Removes a model and its files.
    ///
    /// - Throws: `.unknownModel`, `.conflict` while an unfinished run uses it or a model of adapters
    ///   lies over it.
    public func deleteModel(_ name: String) async throws(HoneError) {
        guard let model = try await store.model(name) else {
            let known = try await store.models().map(\.name)
            throw HoneError(
                .unknownModel,
                Names.unknown("model", name, among: known),
                param: name
            )
        }
        for run in try await store.unfinishedRuns() where try await uses(run.spec, name) {
            throw HoneError(
                .conflict,
                "the run \"\(run.name)\" (\(run.state.rawValue)) uses \"\(name)\": cancel it first",
                param: name
            )
        }
        try await checkNobodyBuilds(on: model.folder, called: "\"\(name)\"", param: name)
        await serving.close(using: model.folder)
        try await store.deleteModel(name)
        try folder.remove(model.folder)
    }

    /// Refuses to let files go that adapters of another model are over.
    ///
    /// - Throws: `.conflict` naming the first such model.
    func checkNobodyBuilds(
        on path: String,
        called name: String,
        param: String
    ) async throws(HoneError) {
        let root = DataFolder(path).root
        for model in try await store.models() {
            guard let base = folder.baseFolder(of: model.folder),
                base == root || base.hasPrefix(root + "/")
            else { continue }
            throw HoneError(
                .conflict,
                "the model \"\(model.name)\" holds adapters over \(name) and cannot do without: "
                    + "delete it first, or export it and import the export, which is whole",
                param: param
            )
        }
    }

    private func uses(_ spec: RunSpec, _ name: String) async throws(HoneError) -> Bool {
        let rewards = [spec.reward].compactMap(\.self) + (spec.evaluation?.rewards ?? [])
        let names = rewards.flatMap { RewardEvaluator.inputs(of: $0).models }
        if spec.model == name || names.contains(name) { return true }
        for need in rewards.compactMap({ try? RewardPlan($0) }).flatMap(\.models) {
            guard case .compared(let model, reference: nil) = need,
                let model = try await store.model(model),
                try await RatioModels.startName(of: model, store) == name
            else { continue }
            return true
        }
        return false
    }

    /// Writes a model or checkpoint (`RUN@ITERATION`) as `hf` (a folder) or `gguf` (a file).
    public func exportModel(
        _ name: String,
        format: String,
        destination: String
    ) async throws(HoneError) {
        let model = try await model(name)
        guard ["hf", "gguf"].contains(format) else {
            throw HoneError(
                .invalidRequest,
                "the format must be hf or gguf, not \"\(format)\"",
                param: "format"
            )
        }
        _ = try await once(
            "export",
            .exportModel(
                .init(
                    source: model.folder,
                    format: format,
                    destination: DataFolder(destination).root
                )
            )
        )
    }
}
