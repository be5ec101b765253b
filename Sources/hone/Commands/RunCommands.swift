import APITypes
import Arguments
import Client
import Domain

enum RunsCommand: Command {
    static let description = CommandDescription(
        "hone runs",
        "Lists a server's runs.",
        options: [.value("state", "STATE", "Runs in this state only."), .url, .json],
        example: "hone runs --state running"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let states = RunState.allCases.map { $0.rawValue }
        let filter = try arguments.choice("state", of: states).map { "&state=\($0)" } ?? ""
        let client = HoneClient(url: arguments["url"])
        var runs: [RunObject] = []
        var isWhole = false
        while !isWhole {
            let after = runs.last.map { "&after=\($0.id)" } ?? ""
            let page = try await client.get(
                ListPage<RunObject>.self,
                "/v1/runs?limit=1000\(filter)\(after)"
            )
            runs += page.data
            isWhole = !page.hasMore
        }
        guard !arguments.has("json") else { return try Terminal.write(ListPage(runs)) }
        var table = TextTable(["id", "name", "kind", "state", "phase", "iteration", "queue"])
        for run in runs {
            table.add([
                run.id, run.name, run.kind, run.state.rawValue, run.phase ?? "",
                "\(run.iteration)/\(run.iterations)", run.queuePosition.map(String.init) ?? "",
            ])
        }
        print(table.text)
    }
}

enum WatchCommand: Command {
    static let description = CommandDescription(
        "hone watch",
        "Follows a run of a server to its end; fails when the run does.",
        operands: [OperandDescription("RUN")],
        options: [.url, .flag("json", "Write every event as a line of JSON.")],
        example: "hone watch helpful-1"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let client = HoneClient(url: arguments["url"])
        let name = arguments.operands[0]
        let run = try await client.get(
            RunObject.self,
            "/v1/runs/\(HoneClient.escaped(name))"
        )
        let view = FollowerBox(
            RunFollower(iterations: run.iterations, output: Terminal.follower)
        )
        let isJSON = arguments.has("json")
        for try await event in client.events(name) { await view.take(event, isJSON: isJSON) }
        try Task.checkCancellation()
        if !isJSON { await view.finish() }
        let last = try await client.get(RunObject.self, "/v1/runs/\(HoneClient.escaped(name))")
        if !isJSON { Terminal.show(last.overoptimisation ?? []) }
        if last.state != .succeeded {
            let reason = last.error.map { ": \($0.message)" } ?? ""
            throw HoneError(.conflict, "the run \(name) is \(last.state.rawValue)\(reason)")
        }
    }
}

enum PauseCommand: Command {
    static let description = RunAction.description(
        "pause",
        "Stops a run at its next unit of work until it is resumed."
    )
    static func run(_ arguments: ParsedArguments) async throws {
        try await RunAction.perform("pause", arguments)
    }
}

enum ResumeCommand: Command {
    static let description = RunAction.description(
        "resume",
        "Queues a paused, failed or cancelled run again."
    )
    static func run(_ arguments: ParsedArguments) async throws {
        try await RunAction.perform("resume", arguments)
    }
}

enum CancelCommand: Command {
    static let description = RunAction.description("cancel", "Ends a run at its next unit of work.")
    static func run(_ arguments: ParsedArguments) async throws {
        try await RunAction.perform("cancel", arguments)
    }
}

/// What the three commands that change a run's state share.
private enum RunAction {
    static func description(_ action: String, _ summary: String) -> CommandDescription {
        CommandDescription(
            "hone \(action)",
            summary,
            operands: [OperandDescription("RUN")],
            options: [.url, .json],
            example: "hone \(action) helpful-1"
        )
    }

    static func perform(_ action: String, _ arguments: ParsedArguments) async throws {
        let path = "/v1/runs/\(HoneClient.escaped(arguments.operands[0]))/\(action)"
        let run = try await HoneClient(url: arguments["url"]).post(RunObject.self, path)
        guard !arguments.has("json") else { return try Terminal.write(run) }
        print("\(run.name) is \(run.state.rawValue)")
    }
}
