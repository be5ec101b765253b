internal import Domain

/// Reads safetensors files and folders of shards.
public enum SafetensorsFile {
    /// Opens one file.
    ///
    /// - Returns: its tensors, in the order of their data.
    /// - Throws: `HoneError(.invalidModelFile)` naming the file and the tensor or offset at fault.
    public static func open(_ path: String) throws -> TensorListing {
        let file = try MappedFile(path: path)
        try file.refuseHollow()
        var listing = TensorListing()
        for entry in try SafetensorsHeader(reading: file).entries {
            listing.add(
                entry.name,
                shape: entry.shape,
                type: entry.type,
                file: file,
                range: entry.range
            )
        }
        return listing
    }

    /// The `__metadata__` of the file at `path`.
    public static func metadata(of path: String) throws -> [String: String] {
        try SafetensorsHeader(reading: MappedFile(path: path)).metadata
    }

    /// Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names, in `folder`.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` naming the file at fault, or the missing tensor.
    public static func openFolder(_ folder: String) throws -> TensorListing {
        let single = joinPath(folder, "model.safetensors")
        if kind(of: single) != .missing { return try open(single) }
        let index = joinPath(folder, "model.safetensors.index.json")
        guard kind(of: index) != .missing else {
            throw FileFailure.invalid(
                folder,
                "has neither model.safetensors nor model.safetensors.index.json; "
                    + "save the model in safetensors format"
            )
        }
        return try openShards(index: index, folder: folder)
    }

    private struct Index: Decodable {
        // swift-format-ignore: the field's name in the file
        var weight_map: [String: String]
    }

    private static func openShards(index: String, folder: String) throws -> TensorListing {
        let places = try readJSON(Index.self, at: index, limit: SafetensorsHeader.lengthLimit)
            .weight_map
        var listing = TensorListing()
        for shard in Set(places.values).sorted() {
            guard !shard.isEmpty, !shard.contains("/"), shard != "..", !shard.contains("\0") else {
                throw FileFailure.invalid(index, "\"\(shard)\" is not a plain file name")
            }
            let content = try open(joinPath(folder, shard))
            listing.tensors += content.tensors.filter { places[$0.name] == shard }
            listing.unreadable += content.unreadable.filter { places[$0.name] == shard }
        }
        let found = Set(listing.tensors.map(\.name)).union(listing.unreadable.map(\.name))
        if let missing = places.keys.filter({ !found.contains($0) }).min() {
            throw FileFailure.invalid(
                index,
                "places tensor \"\(missing)\" in \(places[missing] ?? ""), which does not hold it"
            )
        }
        return listing
    }
}
