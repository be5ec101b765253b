import APITypes
import Arguments
import Client
import Domain
import Foundation
import Glibc

enum LabelCommand: Command {
    static let description = CommandDescription(
        "hone label",
        "Shows a person two answers at a time and asks which is better: 1, 2, t tie, b both bad, s skip, "
            + "u undo, q quit.",
        options: [
            .value("run", "RUN", "Comparisons of this run only."),
            .value("annotator", "NAME", "Who judges, default the user's name."),
            .value("ttl", "SECONDS", "How long a comparison is kept for you, default 600."),
            .value(
                "reward",
                "R",
                "Have this reward answer in place of a person, until the run rests: JSON, a file of it, or "
                    + "a name."
            ),
            .value("noise", "P", "With --reward: the share of answers turned round, default 0."),
            .value("seed", "N", "With --noise: which ones, default 0."),
            .url,
        ],
        example: "hone label --run helpful-1"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let user = ProcessInfo.processInfo.environment["USER"] ?? "annotator"
        if let reward = arguments["reward"] {
            let count = try await SimulatedAnnotator(
                client: HoneClient(url: arguments["url"]),
                run: arguments["run"],
                annotator: arguments["annotator"] ?? "simulated",
                reward: try Terminal.entry(reward),
                noise: try arguments.number("noise", in: 0...1) ?? 0,
                seed: UInt64(try arguments.integer("seed", in: 0...Int.max) ?? 0)
            ).work()
            print("\(count) judged")
            return
        }
        var session = LabelSession(
            client: HoneClient(url: arguments["url"]),
            run: arguments["run"],
            annotator: arguments["annotator"] ?? user,
            seconds: try arguments.integer("ttl", in: 1...86_400) ?? 600
        )
        try await session.work()
    }
}

/// One person at one terminal.
private struct LabelSession {
    let client: HoneClient
    let run: String?
    let annotator: String
    let seconds: Int
    /// Leased and put off by an undo.
    private var pending: [AnnotationObject] = []
    private var done: [(item: AnnotationObject, feedback: Int)] = []

    init(client: HoneClient, run: String?, annotator: String, seconds: Int) {
        self.client = client
        self.run = run
        self.annotator = annotator
        self.seconds = seconds
    }

    mutating func work() async throws {
        let keys = KeyReader()
        defer { keys.close() }
        var next: AnnotationObject?
        while true {
            if next == nil { next = try await lease() }
            guard let item = next else {
                print("nothing to judge (any more): \(done.count) judged")
                return
            }
            show(item)
            switch keys.next() {
            case "1": next = try await answer(item, "first")
            case "2": next = try await answer(item, "second")
            case "t": next = try await answer(item, "tie")
            case "b": next = try await answer(item, "both_bad")
            case "s":
                _ = try await client.delete("/v1/annotations/\(item.id)")
                next = nil
            case "u": next = try await undo(item)
            case "q", nil:
                for held in pending + [item] {
                    _ = try await client.delete("/v1/annotations/\(held.id)?again=true")
                }
                print("\(done.count) judged")
                return
            default: print("keys: 1 2 t b s u q")
            }
        }
    }

    private mutating func lease() async throws -> AnnotationObject? {
        if let held = pending.popLast() { return held }
        var body: [String: Value] = [
            "annotator": .string(annotator), "n": 1, "ttl_seconds": .integer(seconds),
        ]
        body["run"] = run.map { .string($0) }
        let page = try await client.post(
            ListPage<AnnotationObject>.self,
            "/v1/annotations/lease",
            .object(body)
        )
        return page.data.first
    }

    private mutating func answer(
        _ item: AnnotationObject,
        _ word: String
    ) async throws -> AnnotationObject? {
        let reply = try await client.post(
            AnnotationReply.self,
            "/v1/annotations/\(item.id)",
            ["verdict": ["kind": "pairwise", "value": .string(word)]]
        )
        done.append((item, reply.feedback.id))
        return nil
    }

    /// The one before comes back; the one at hand comes after it.
    private mutating func undo(_ item: AnnotationObject) async throws -> AnnotationObject? {
        guard let last = done.popLast() else {
            print("nothing to undo")
            return item
        }
        _ = try await client.post(FeedbackObject.self, "/v1/feedback/\(last.feedback)/withdraw")
        pending.append(item)
        return last.item
    }

    private func show(_ item: AnnotationObject) {
        let prompt =
            item.prompt.stringValue
            ?? item.prompt.arrayValue?.last?["content"]?.stringValue ?? JSONText.text(item.prompt)
        let width = max(40, Terminal.columns)
        print(String(repeating: "─", count: width))
        print("\(done.count + 1). \(SideBySide.safe(prompt))\n")
        print(SideBySide.text(item.first.text, item.second.text, width: width))
        print("\n[1] left  [2] right  [t]ie  [b]oth bad  [s]kip  [u]ndo  [q]uit")
        fflush(nil)
    }
}

/// Keys as they are pressed, or the first letters of lines where there is no terminal.
private final class KeyReader {
    private var saved = termios()
    private let isTerminal = isatty(STDIN_FILENO) == 1

    init() {
        guard isTerminal else { return }
        tcgetattr(STDIN_FILENO, &saved)
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    }

    func close() { if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &saved) } }

    /// The next key in lower case; `nil` at the end of the input.
    func next() -> Character? {
        guard isTerminal else {
            return readLine().flatMap { $0.first ?? " " }.map { Character($0.lowercased()) }
        }
        var byte: UInt8 = 0
        guard read(STDIN_FILENO, &byte, 1) == 1, byte != 4 else { return nil }
        return Character(Character(UnicodeScalar(byte)).lowercased())
    }
}
