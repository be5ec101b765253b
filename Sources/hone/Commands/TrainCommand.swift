import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

enum TrainCommand: Command {
    static let description = CommandDescription(
        "hone train",
        "Runs a spec to its end without a server; goes on with the run when it exists.",
        operands: [OperandDescription("SPEC")],
        options: [
            .data, .threads, .flag("follow", "Show what happens (the default; kept for scripts)."),
            .flag("check", "Only say what is wrong and what it would take."),
            .flag("json", "Write every event as a line of JSON."), .remoteHosts, .allowPython,
            .allowPythonNetwork,
        ],
        example: "hone train run.json"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let file = arguments.operands[0]
        let text = try Terminal.read(file)
        let spec = try RunSpecReader.read(text, source: file)
        try await Session.with(
            arguments,
            local: { session in
                if arguments.has("check") {
                    return try report(try await session.validate(spec), arguments)
                }
                try await train(spec, text, session, arguments)
            },
            remote: { client in
                guard arguments.has("check") else {
                    let command = "curl --json @\(file) \(client.url)/v1/runs"
                    throw HoneError(
                        .dataFolderLocked,
                        "a honed has the data folder: submit the run to it (\(command)), "
                            + "then `hone watch \(spec.name)`"
                    )
                }
                let found = try await client.post(
                    ValidationObject.self,
                    "/v1/runs?validate=true",
                    RunSpecWriter.value(spec)
                )
                try report(found, arguments)
            }
        )
    }

    private static func train(
        _ spec: RunSpec,
        _ text: Data,
        _ session: LocalSession,
        _ arguments: ParsedArguments
    ) async throws {
        let view = FollowerBox(
            RunFollower(iterations: spec.iterations, output: Terminal.follower)
        )
        let isJSON = arguments.has("json")
        let state = try await session.train(
            spec,
            document: String(decoding: text, as: UTF8.self)
        ) { event in
            await view.take(event, isJSON: isJSON)
        }
        if !isJSON {
            await view.finish()
            Terminal.show(try await session.rewardCurves(spec.name))
        }
        if state != .succeeded {
            throw HoneError(.conflict, "the run \(spec.name) ended as \(state.rawValue)")
        }
    }

    private static func report(_ report: ValidationObject, _ arguments: ParsedArguments) throws {
        if arguments.has("json") {
            try Terminal.write(report)
        } else {
            let sizes = [("memory", report.memoryBytes), ("disk", report.diskBytes)]
            for case (let name, let bytes?) in sizes { print("\(name): \(bytes >> 20) MiB") }
            if let seconds = report.seconds { print("time: \(ProgressBar.duration(seconds))") }
            if report.valid { print("the spec is valid") }
        }
        if !report.valid { throw Faults(report.faults) }
    }
}

/// A followed run's view, for closures of other tasks.
actor FollowerBox {
    private var follower: RunFollower

    init(_ follower: RunFollower) { self.follower = follower }

    func take(_ event: EventObject, isJSON: Bool) {
        guard isJSON else { return follower.take(event) }
        if let value = try? JSONText.value(of: event) { Terminal.write(value) }
    }

    /// Prints the table and gives the last state.
    @discardableResult
    func finish() -> String? {
        Terminal.clearProgress()
        if !follower.table.isEmpty { print("\n" + follower.table) }
        return follower.state
    }
}
