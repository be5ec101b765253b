public import Domain
import Foundation
public import Store

extension ControlPlane {
    /// Everything wrong with `spec`, and what it would take.
    ///
    /// Nothing is started.
    public func validate(_ spec: RunSpec) async throws(HoneError) -> ValidationReport {
        try await SpecValidator(spec: spec, plane: self).report()
    }

    /// Queues a run.
    ///
    /// - Parameters:
    ///   - spec: What to run; its name decides whether the run exists.
    ///   - document: The spec as its owner wrote it, kept as the run folder's `spec.json`.
    /// - Returns: The new run, the one that exists with this name and spec, or the faults.
    /// - Throws: `.alreadyExists` listing the differences when the name has another spec.
    public func submit(
        _ spec: RunSpec,
        document: String? = nil
    ) async throws(HoneError) -> Submission {
        try await submit(spec, document, nil)
    }

    private func submit(
        _ spec: RunSpec,
        _ document: String?,
        _ origin: CheckpointRecord?
    ) async throws(HoneError) -> Submission {
        // One request a name at a time: a run that another one is making is there when it is whole.
        while !submittedNames.insert(spec.name).inserted {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else {
                throw HoneError(.conflict, "the run is still being made", param: "name")
            }
        }
        defer { submittedNames.remove(spec.name) }
        if let run = try await existing(spec, origin) { return .existing(run) }
        let report = try await SpecValidator(spec: spec, plane: self, origin: origin).report()
        guard report.isValid else { return .refused(report) }
        return .created(try await create(spec, document, origin))
    }

    /// The run of this name and spec, queued again where it rests; `nil` when there is none of the name.
    private func existing(
        _ spec: RunSpec,
        _ origin: CheckpointRecord?
    ) async throws(HoneError) -> RunRecord? {
        guard let run = try await store.findRun(spec.name), run.name == spec.name else {
            return nil
        }
        guard run.spec == spec else {
            let list = SpecDifferences.between(run.spec, spec).joined(separator: "; ")
            throw HoneError(
                .alreadyExists,
                "a run named \"\(spec.name)\" exists with another spec (\(list)): choose "
                    + "another name, delete it, or fork it",
                param: "name"
            )
        }
        if let origin, run.parent != Self.parent(origin) {
            throw HoneError(
                .alreadyExists,
                "a run named \"\(spec.name)\" exists and began elsewhere: choose another name, or "
                    + "delete it",
                param: "name"
            )
        }
        let rests = run.state == .paused || run.state == .failed || run.state == .cancelled
        return rests ? try await resume(run.id) : run
    }

    private static func parent(_ origin: CheckpointRecord) -> RunRecord.Parent {
        RunRecord.Parent(runID: origin.runID, iteration: origin.iteration)
    }

    /// Adds the run at rest, makes its files, and only then queues it: a run that is queued is whole.
    private func create(
        _ spec: RunSpec,
        _ document: String?,
        _ origin: CheckpointRecord?
    ) async throws(HoneError) -> RunRecord {
        let run = try await store.insertRun(
            spec,
            state: .paused,
            parent: origin.map(Self.parent),
            iteration: origin?.iteration ?? 0,
            policyVersion: origin?.step ?? 0
        )
        do throws(HoneError) {
            // A folder that a backup brought back without its run is not this one's.
            try folder.remove(folder.run(run.id))
            let text = if let document { document } else { try SpecText.encode(spec) }
            try folder.write(text, to: folder.spec(run.id))
            try SpecCopies(run: run.id, folder: folder).make(spec)
            try await linkOrigins(run, origin)
            for (index, name) in spec.teachers.enumerated() {
                try folder.link(try await model(name).folder, to: folder.teacher(run.id, index))
            }
            if let name = spec.valueModel?.model {
                try folder.link(try await model(name).folder, to: folder.critic(run.id))
            }
            for (index, part) in spec.reference.soupParts.enumerated() {
                try folder.link(try await model(part.model).folder, to: folder.soup(run.id, index))
            }
        } catch {
            try? await store.deleteRun(run.id)
            try? folder.remove(folder.run(run.id))
            throw error
        }
        try await settle(run, .queued)
        return try await store.run(run.id)
    }

    /// Gives a run its own names for the checkpoints it starts from, so that those may be dropped.
    private func linkOrigins(
        _ run: RunRecord,
        _ origin: CheckpointRecord?
    ) async throws(HoneError) {
        if let origin {
            let path = folder.checkpoint(run.id, step: origin.step)
            try folder.link(origin.path, to: path)
            try await store.insertCheckpoint(
                run: run.id,
                iteration: origin.iteration,
                step: origin.step,
                path: path,
                byteCount: origin.byteCount
            )
            if run.spec.kind == .external {
                try await store.copyFeedbackUses(
                    from: origin.runID,
                    through: origin.iteration,
                    to: run.id
                )
            }
            let base = folder.base(origin.runID)
            if folder.exists(base) { try folder.link(base, to: folder.base(run.id)) }
        } else if try await store.model(run.spec.model) == nil {
            let checkpoint = try await checkpoint(run.spec.model)
            try folder.link(checkpoint.path, to: folder.base(run.id))
        }
    }

    /// Queues a run that goes on from the checkpoint `RUN@ITERATION` with a changed spec: its
    /// iterations count on from there, its model, kind and trained weights are the origin's.
    public func fork(
        from checkpoint: String,
        spec: RunSpec,
        document: String? = nil
    ) async throws(HoneError) -> Submission {
        let origin: CheckpointRecord
        do throws(HoneError) {
            origin = try await self.checkpoint(checkpoint)
        } catch  where error.namesNothing {
            // What the fork was made of may be gone since.
            guard let run = try await store.findRun(spec.name), run.name == spec.name,
                run.spec == spec, let parent = run.parent,
                checkpoint == "\(parent.runID)@\(parent.iteration)"
            else { throw error }
            return try await submit(spec, document: document)
        }
        return try await submit(spec, document, origin)
    }

    /// Deletes runs that a process died over while it made them.
    func removeUnmadeRuns() async throws(HoneError) {
        for id in try await store.unmadeRuns() {
            try await store.deleteRun(id)
            try folder.remove(folder.run(id))
        }
    }

    /// Runs in the order they were made.
    ///
    /// `after` is a run's id or name; `limit` is held between 1 and 1000.
    public func runs(
        after: String? = nil,
        limit: Int = 100,
        state: RunState? = nil
    ) async throws(HoneError) -> Page<RunRecord> {
        var id: String?
        if let after { id = try await findRun(after).id }
        return try await store.runs(after: id, limit: max(1, min(limit, 1000)), state: state)
    }

    /// A run by id or name.
    ///
    /// - Throws: `.unknownRun` naming the nearest.
    public func findRun(_ run: String) async throws(HoneError) -> RunRecord {
        try await store.run(try await feedback.run(run))
    }

    /// Stops a queued or running run at its next unit boundary until it is resumed.
    public func pause(_ run: String) async throws(HoneError) -> RunRecord {
        try await change(run) { record throws(HoneError) in
            if record.state.isFinal { throw Self.final(record, "paused") }
            if record.state != .paused { try await self.bring(record, .pause, .paused) }
        }
    }

    /// Queues a paused, failed or cancelled run again; it goes on from its newest checkpoint.
    public func resume(_ run: String) async throws(HoneError) -> RunRecord {
        try await change(run) { record throws(HoneError) in
            if record.state == .succeeded { throw Self.final(record, "resumed") }
            if record.state == .queued || record.state == .running { return }
            try await self.settle(record, .queued)
        }
    }

    /// Ends a run at its next unit boundary.
    public func cancel(_ run: String) async throws(HoneError) -> RunRecord {
        try await change(run) { record throws(HoneError) in
            if record.state == .cancelled { return }
            if record.state.isFinal { throw Self.final(record, "cancelled") }
            try await self.bring(record, .cancel, .cancelled)
        }
    }

    /// Does something to a run as it is stored; again when it has changed its state meanwhile.
    private func change(
        _ run: String,
        _ work: (RunRecord) async throws(HoneError) -> Void
    ) async throws(HoneError) -> RunRecord {
        let id = try await findRun(run).id
        while true {
            let record = try await store.run(id)
            do throws(HoneError) {
                try await work(record)
                return try await store.run(id)
            } catch {
                guard error.code == .conflict, try await store.run(id).state != record.state else {
                    throw error
                }
            }
        }
    }

    /// Asks the run's driver for a rest, or puts a run that has none into the state of rest.
    private func bring(
        _ record: RunRecord,
        _ intent: RunMachine.Intent,
        _ state: RunState
    ) async throws(HoneError) {
        if await ask(record.id, intent) { return }
        try await settle(record, state)
        // It may have got a driver meanwhile, which read the state before.
        _ = await ask(record.id, intent)
    }

    private static func final(_ run: RunRecord, _ wanted: String) -> HoneError {
        HoneError(
            .conflict,
            "the run \"\(run.name)\" has \(run.state.rawValue) and cannot be \(wanted)",
            param: run.id
        )
    }

    /// Removes a final or queued run with everything that belongs to it, files too.
    ///
    /// A model it published stays.
    ///
    /// - Throws: `.unknownRun`, `.conflict` while it runs or is paused, or adapters of a model lie over
    ///   its copy of the model it began with.
    public func deleteRun(_ run: String) async throws(HoneError) {
        var record = try await findRun(run)
        if record.state.isFinal {
            // Its state is final some moments before its workers are closed.
            await waitForRelease(of: record.id)
            record = try await findRun(record.id)
        }
        guard record.state.isFinal || record.state == .queued, !isCurrent(record.id) else {
            throw HoneError(
                .conflict,
                "the run \"\(record.name)\" is \(record.state.rawValue): cancel it before deleting",
                param: record.id
            )
        }
        try await checkNobodyBuilds(
            on: folder.run(record.id),
            called: "the model that the run \"\(record.name)\" began with",
            param: record.id
        )
        await serving.close(using: folder.run(record.id))
        try await store.deleteRun(record.id)
        try folder.remove(folder.run(record.id))
        broker.wake(record.id)
    }
}

/// A spec as text: for `spec.json` when its owner's own words are not there, and to compare bodies.
enum SpecText {
    static func encode(_ spec: RunSpec) throws(HoneError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do { return String(decoding: try encoder.encode(spec), as: UTF8.self) } catch {
            throw HoneError(.internalError, "cannot write the spec: \(error)")
        }
    }
}
