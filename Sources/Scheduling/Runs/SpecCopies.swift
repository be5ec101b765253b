import Domain

/// The run's own copies of the files its spec names, so that changing a file cannot change a run.
struct SpecCopies: Sendable {
    let run: String
    let folder: DataFolder

    /// The spec with the copies in place of the files.
    func localised(_ spec: RunSpec) -> RunSpec {
        var spec = spec
        spec.prompts = spec.prompts.map { localised($0, "prompts") }
        spec.data = spec.data.map { localised($0, "data") }
        if let offline = spec.mix?.offline {
            spec.mix?.offline?.data = localised(offline.data, "mix")
        }
        if let evaluation = spec.evaluation {
            spec.evaluation?.prompts = evaluation.prompts.map { localised($0, "evaluation") }
            spec.evaluation?.pairs = evaluation.pairs.map { localised($0, "evaluation-pairs") }
        }
        return spec
    }

    private func localised(_ source: DataSource, _ name: String) -> DataSource {
        guard case .file = source else { return source }
        let path = folder.input(run, name)
        return folder.exists(path) ? .file(path) : source
    }

    /// Copies the files.
    func make(_ spec: RunSpec) throws(HoneError) {
        let sources = [
            ("prompts", spec.prompts), ("data", spec.data), ("mix", spec.mix?.offline?.data),
            ("evaluation", spec.evaluation?.prompts),
            ("evaluation-pairs", spec.evaluation?.pairs),
        ]
        for (name, source) in sources {
            guard case .file(let file) = source else { continue }
            try replace(folder.input(run, name), by: file)
        }
        let rewards = [spec.reward].compactMap(\.self) + (spec.evaluation?.rewards ?? [])
        for file in rewards.flatMap({ RewardEvaluator.inputs(of: $0).files }) {
            try replace(copy(of: file), by: file)
        }
    }

    private func replace(_ copy: String, by file: String) throws(HoneError) {
        try UserFile.check(file)
        try folder.remove(copy)
        // A link's copy would be another link to a file that may change.
        try folder.copy(UserFile.resolved(file), to: copy)
    }

    /// Where a reward's file is to be read: the run's copy when there is one.
    func located(_ file: String) -> String {
        let copy = copy(of: file)
        return folder.exists(copy) ? copy : file
    }

    /// Files of different folders may have one name; the hash (FNV-1a) of the path keeps them apart.
    private func copy(of file: String) -> String {
        let hash = file.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        let name = file.split(separator: "/").last.map { String($0.suffix(100)) } ?? "file"
        return "\(folder.run(run))/inputs/\(String(hash, radix: 16))-\(name)"
    }
}
