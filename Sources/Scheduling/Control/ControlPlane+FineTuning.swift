public import Domain
import Foundation
public import Store

// Runs that are asked for, and shown, as OpenAI's fine-tuning jobs.
extension ControlPlane {
    /// Queues a run for a job.
    ///
    /// - Parameters:
    ///   - order: What is asked for.
    ///   - origin: Names the request; an equal one finds the job that the first made.
    ///   - plan: Makes the spec; its faults are thrown as they are.
    /// - Returns: the job; or the report of a spec that was refused.
    /// - Throws: `Faults` of the plan; `.notFound` for a file, `.unknownModel`, `.invalidData` naming
    ///   a file's line.
    public func createJob(
        _ order: FineTuningOrder,
        origin: String? = nil,
        plan: @Sendable (FineTuningInputs) throws -> FineTuningPlan
    ) async throws -> FineTuningSubmission {
        let id = Self.id("ftjob-", of: origin)
        if origin != nil, let known = try await store.existingJob(id) { return .created(known) }
        let training = try await file(order.trainingFile)
        let validation: FileRecord? =
            if let id = order.validationFile { try await file(id) } else { nil }
        let names = UploadNames([training, validation].compactMap(\.self))
        do {
            return try await created(id, order, training, validation, plan: plan, names)
        } catch let error as HoneError {
            throw names.told(error)
        }
    }

    private func created(
        _ id: String,
        _ order: FineTuningOrder,
        _ training: FileRecord,
        _ validation: FileRecord?,
        plan: @Sendable (FineTuningInputs) throws -> FineTuningPlan,
        _ names: UploadNames
    ) async throws -> FineTuningSubmission {
        let copy = "\(folder.files)/.tmp-\(id)"
        defer { try? folder.remove(copy) }
        var inputs = FineTuningInputs(
            id: id,
            training: folder.file(training.id),
            validation: validation.map { folder.file($0.id) },
            examples: 0,
            contextLength: try await model(order.model).configuration.contextLength
        )
        let records = try DataReader.records(of: .file(inputs.training), path: "$.training_file")
        inputs.examples = records.count
        if order.learnsEveryTurn {
            let turns = try ConversationTurns.split(records)
            try folder.write(try Self.lines(turns), to: copy)
            (inputs.training, inputs.examples) = (copy, turns.count)
        }
        let plan = try plan(inputs)
        switch try await submit(plan.spec) {
        case .refused(let report): return .refused(names.told(report))
        case .created(let run), .existing(let run):
            try await store.insertJob(id: id, run: run.id, request: plan.request)
            return .created(try await store.job(id))
        }
    }

    private static func lines(_ records: [Value]) throws(HoneError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try records.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
                .joined(separator: "\n")
        } catch {
            throw HoneError(.internalError, "cannot write the conversations: \(error)")
        }
    }

    /// A job by id.
    ///
    /// - Throws: `.notFound`.
    public func job(_ id: String) async throws(HoneError) -> FineTuningJobRecord {
        try await store.job(id)
    }

    /// Jobs, the newest first.
    ///
    /// - Throws: `.notFound` when there is no job `after`.
    public func jobs(
        after: String?,
        limit: Int
    ) async throws(HoneError) -> Page<FineTuningJobRecord> {
        if let after { _ = try await store.job(after) }
        return try await store.jobs(after: after, limit: limit)
    }

    /// A run's events, the newest first.
    public func newestEvents(
        run: String,
        before id: Int?,
        limit: Int
    ) async throws(HoneError) -> Page<EventRecord> {
        try await store.newestEvents(run: try await findRun(run).id, before: id, limit: limit)
    }
}

/// What clients call their files, in place of the ids that they have on disk.
private struct UploadNames {
    let files: [FileRecord]

    init(_ files: [FileRecord]) { self.files = files }

    /// A message with places such as `train.jsonl:3`.
    private func told(_ message: String) -> String {
        files.reduce(message) { $0.replacing("\($1.id):", with: "\($1.filename):") }
    }

    func told(_ error: HoneError) -> HoneError {
        HoneError(error.code, told(error.message), param: error.param.map(told))
    }

    func told(_ report: ValidationReport) -> ValidationReport {
        var report = report
        report.faults = report.faults.map { Fault(path: $0.path, message: told($0.message)) }
        return report
    }
}

/// What became of a job that was asked for.
public enum FineTuningSubmission: Sendable {
    /// It is queued.
    case created(FineTuningJobRecord)
    /// Its spec was refused.
    case refused(ValidationReport)
}
