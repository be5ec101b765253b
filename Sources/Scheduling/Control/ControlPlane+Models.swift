public import Domain
public import Store

extension ControlPlane {
    /// All models, by name.
    public func models() async throws(HoneError) -> [ModelRecord] { throw unbuilt }

    /// One model by name. - Throws: `.unknownModel` naming the nearest.
    public func model(_ name: String) async throws(HoneError) -> ModelRecord { throw unbuilt }

    /// Imports a GGUF file or a Hugging Face folder as `name` (`[a-z0-9._-]`, at most 96).
    public func importModel(
        path: String,
        name: String
    ) async throws(HoneError) -> ModelRecord { throw unbuilt }

    /// Removes a model and its files. - Throws: `.conflict` while an unfinished run uses it.
    public func deleteModel(_ name: String) async throws(HoneError) { throw unbuilt }

    /// Writes a model or checkpoint (`RUN@ITERATION`) as `hf` (a folder) or `gguf` (a file).
    public func exportModel(
        _ name: String,
        format: String,
        destination: String
    ) async throws(HoneError) { throw unbuilt }
}
let unbuilt = HoneError(.internalError, "not built yet")
