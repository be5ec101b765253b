import Arguments
import Domain
import Foundation
import Glibc

/// Finds the command, runs it, and turns what went wrong into a message and an exit code.
enum Program {
    static let version = "0.1.0"

    /// One line each.
    static let commands: [any Command.Type] = [
        ServeCommand.self, TrainCommand.self, ImportCommand.self, CreateCommand.self,
        ExportCommand.self,
        GenerateCommand.self, LogprobsCommand.self, ScoreCommand.self, ObjectiveCommand.self,
        TokenizeCommand.self, RunsCommand.self, WatchCommand.self, CancelCommand.self,
        PauseCommand.self, ResumeCommand.self, ObjectivesCommand.self, RewardsCommand.self,
        RecipesCommand.self,
        EvaluateCommand.self, CompareCommand.self, LabelCommand.self, FeedbackCommand.self,
        ModelsCommand.self, TokenCommand.self, DoctorCommand.self,
        BenchCommand.self,
    ]

    /// 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated.
    static func run(_ arguments: [String]) async -> Int32 {
        guard let word = arguments.first, !["help", "--help", "-h"].contains(word) else {
            return help(about: arguments.dropFirst().first)
        }
        if ["version", "--version"].contains(word) {
            print("hone \(version)")
            return 0
        }
        guard let command = find(word) else { return unknown(word) }
        do {
            let parsed = try command.description.parse(arguments.dropFirst())
            if parsed.wantsHelp {
                print(command.description.help)
                return 0
            }
            return try await interruptible(isRestful: command == TrainCommand.self) {
                try await command.run(parsed)
            }
        } catch let error as UsageError {
            Terminal.complain("\(error)")
            return 2
        } catch is LinesFailed {
            return 1
        } catch {
            Terminal.complain("hone: \(error)")
            return 1
        }
    }

    private static func find(_ word: String) -> (any Command.Type)? {
        commands.first { $0.description.name == "hone \(word)" }
    }

    private static func unknown(_ word: String) -> Int32 {
        let names = commands.map { String($0.description.name.dropFirst(5)) } + ["version", "help"]
        let hint = NameHint.meant(word, among: names, mark: "")
        Terminal.complain("hone: unknown command \(word)\(hint)\nTry `hone help`.")
        return 2
    }

    private static func help(about word: String?) -> Int32 {
        if let word {
            guard let command = find(word) else { return unknown(word) }
            print(command.description.help)
            return 0
        }
        print(
            "Trains language models online from rewards and preferences.\n\nusage: hone COMMAND\n"
        )
        for command in commands {
            let name = String(command.description.name.dropFirst(5))
            let padding = String(repeating: " ", count: max(1, 12 - name.count))
            print("  \(name)\(padding)\(command.description.summary)")
        }
        print("\nTry `hone COMMAND --help`, or `hone doctor` to check this machine.")
        return 0
    }

    /// Ctrl-C or SIGTERM cancels the command, which ends its workers; a second one ends at once.
    ///
    /// `hone train` that was asked to end by SIGTERM has done so: its run goes on at the next call.
    private static func interruptible(
        isRestful: Bool,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> Int32 {
        let task = Task { try await work() }
        signal(SIGXFSZ, SIG_IGN)
        let received = ReceivedSignal()
        let sources = [(SIGINT, "interrupted"), (SIGTERM, "terminated")].map { number, word in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: received.queue)
            source.setEventHandler {
                for other in [SIGINT, SIGTERM] { signal(other, SIG_DFL) }
                received.number = number
                Terminal.complain("\n\(word); ending workers (again to end at once)")
                task.cancel()
            }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            try await task.value
            return 0
        } catch {
            guard task.isCancelled else { throw error }
            let number = received.queue.sync { received.number }
            return number == SIGTERM && isRestful ? 0 : 128 + number
        }
    }
}

/// The signal that asked the process to end.
///
/// `@unchecked Sendable`: `number` is read and written on `queue` alone.
private final class ReceivedSignal: @unchecked Sendable {
    let queue = DispatchQueue(label: "hone.signals")
    var number = SIGINT
}
