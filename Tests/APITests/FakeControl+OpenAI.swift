import API
import Domain
import Foundation
import Scheduling
import Store

// What OpenAI's endpoints ask for.
extension FakeControl {
    func encode(
        model: ServedModel,
        items: [EncodingItem],
        recognisesSpecialTokens: Bool
    ) throws(HoneError) -> [Encoding] {
        if model == .model("missing") { throw HoneError(.unknownModel, "there is no such model") }
        return items.map { item in
            Encoding(promptTokens: [1], completionTokens: [], renderedPrompt: "ask")
        }
    }
    func decode(model: ServedModel, sequences: [[Int32]]) -> [String] {
        let texts: [Int32: String] = [1: "ask", 2: "fix", 3: "fog"]
        return sequences.map { $0.map { texts[$0] ?? "?" }.joined() }
    }
    func logprobs(model: ServedModel, items: [LogprobItem]) -> [SequenceLogprobs] {
        items.map { _ in SequenceLogprobs(tokens: [1], logprobs: [nil], promptLength: 1) }
    }
    func alternatives(
        model: ServedModel,
        sequences: [TokenSequence],
        count: Int
    ) -> [[[TokenAlternative]]] {
        let top = [
            TokenAlternative(token: 2, logprob: -0.5), TokenAlternative(token: 3, logprob: -1.5),
        ]
        return sequences.map { $0.completion.map { _ in Array(top.prefix(count)) } }
    }
    static let file = FileRecord(
        id: "file-a",
        filename: "a.jsonl",
        purpose: "fine-tune",
        byteCount: 3,
        createdAt: time
    )
    func storeFile(
        _ content: FileContent,
        filename: String,
        purpose: String,
        lifetime: Int?,
        origin: String?
    ) throws(HoneError) -> FileRecord {
        let text = String(decoding: (try? content.bytes()) ?? [], as: UTF8.self)
        note("upload \(filename) \(purpose) \(lifetime ?? 0) \(text)")
        var record = Self.file
        (record.filename, record.purpose, record.byteCount) = (filename, purpose, content.count)
        record.expiresAt = lifetime.map { Self.time.addingTimeInterval(Double($0)) }
        return record
    }
    func file(_ id: String) throws(HoneError) -> FileRecord {
        if id == "file-none" { throw HoneError(.notFound, "there is no file \(id)", param: id) }
        return Self.file
    }
    func filePath(_ id: String) throws(HoneError) -> String {
        _ = try file(id)
        return #filePath
    }
    func files(
        purpose: String?,
        after: String?,
        limit: Int,
        newestFirst: Bool
    ) throws(HoneError) -> Page<FileRecord> {
        note("files \(purpose ?? "-") \(after ?? "-") \(limit) \(newestFirst)")
        return Page(items: [Self.file], hasMore: true)
    }
    func deleteFile(_ id: String) throws(HoneError) { _ = try file(id) }
    func createJob(
        _ order: FineTuningOrder,
        origin: String?,
        plan: @Sendable (FineTuningInputs) throws -> FineTuningPlan
    ) throws -> FineTuningSubmission {
        _ = try file(order.trainingFile)
        let made = try plan(
            FineTuningInputs(
                id: "ftjob-abcdefghijkl",
                training: "/files/a",
                validation: order.validationFile,
                examples: 20,
                contextLength: 128
            )
        )
        if order.model == "missing" {
            let fault = Fault(path: "$.data.items", message: "is not there")
            return .refused(ValidationReport(faults: [fault]))
        }
        plans.append(made)
        return .created(try job("ftjob-abcdefghijkl"))
    }
    func job(_ id: String) throws(HoneError) -> FineTuningJobRecord {
        if id == "ftjob-none" { throw HoneError(.notFound, "there is no job \(id)", param: id) }
        var run = try run("run-1")
        run.spec = plans.last?.spec ?? run.spec
        run.state = .succeeded
        run.policyVersion = 6
        let request = plans.last?.request ?? ["model": "smol", "training_file": "file-a"]
        return FineTuningJobRecord(id: id, request: request, run: run)
    }
    func jobs(after: String?, limit: Int) throws(HoneError) -> Page<FineTuningJobRecord> {
        note("jobs \(after ?? "-") \(limit)")
        return Page(items: [try job("ftjob-abcdefghijkl")], hasMore: false)
    }
    func newestEvents(
        run: String,
        before id: Int?,
        limit: Int
    ) throws(HoneError) -> Page<EventRecord> {
        note("events \(run) \(id ?? 0) \(limit)")
        let event = EventRecord(
            runID: run,
            id: 4,
            time: Self.time,
            kind: "metrics",
            payload: ["iteration": 1, "metrics": ["policy/loss": 0.5]]
        )
        return Page(items: [event], hasMore: true)
    }
}
