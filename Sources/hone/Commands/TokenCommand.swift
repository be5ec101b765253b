import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

/// Works on the data folder itself, or, when a honed has it, through that one with `HONE_TOKEN`.
enum TokenCommand: Command {
    static let description = CommandDescription(
        "hone token",
        "Makes, lists or revokes tokens of a data folder, or of the honed that has it.",
        operands: [
            OperandDescription("create|list|revoke"), OperandDescription("NAME", isRequired: false),
        ],
        options: [
            .value(
                "name",
                "NAME",
                "In place of NAME: what it is called, or revoked by (also an id)."
            ),
            .value(
                "scopes",
                "LIST",
                "What it may do, by commas: read, annotate, generate, train, admin."
            ),
            .value("scope", "SCOPE", "The same; may be given more than once."),
            .value("annotator", "NAME", "Who its bearer speaks as, where it may only annotate."),
            .flag("any-annotator", "Its bearer speaks as anybody: for annotation tools."),
            .value("expires", "TIME", "Ends by itself after 90d, 12h, 30m or so many seconds."),
            .value("requests-per-minute", "N", "Requests in a minute."),
            .value("concurrent-generations", "N", "Generations under way at a time."),
            .value("tokens-per-minute", "N", "Tokens of prompts and completions in a minute."),
            .data, .url, .json,
        ],
        example: "hone token create alice --scopes annotate --expires 30d"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        switch arguments.operands[0] {
        case "create": try await create(arguments)
        case "list": try await list(arguments)
        case "revoke": try await revoke(arguments)
        case let other:
            throw arguments.wrong("write create, list or revoke, not \"\(other)\"")
        }
    }

    // MARK: Create

    private static func create(_ arguments: ParsedArguments) async throws {
        let body = try body(arguments)
        let request = try TokenRequest(body)
        let token = try await with(
            arguments,
            local: { try await $0.createToken(request) },
            remote: { try await $0.post(TokenObject.self, "/v1/tokens", body) }
        )
        guard !arguments.has("json") else { return try Terminal.write(token) }
        // The text alone, so that a shell can take it: HONE_TOKEN=$(hone token create …).
        print(token.token ?? "")
        Terminal.complain(
            "This is the only time that the token \(token.name) is shown. It may: "
                + "\(words(token)). Send it as `Authorization: Bearer …`, or set HONE_TOKEN. A server of "
                + "this data folder asks every request for a token from now on."
        )
    }

    private static func body(_ arguments: ParsedArguments) throws -> Value {
        let scopes = (arguments.all("scopes") + arguments.all("scope"))
            .flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
        let known = TokenScope.allCases.map(\.rawValue)
        if scopes.isEmpty {
            throw arguments.wrong(
                "--scopes is required: one or more of \(known.joined(separator: ", "))"
            )
        }
        if let wrong = scopes.first(where: { !known.contains($0) }) {
            let hint = NameHint.meant(wrong, among: known, mark: "")
            throw arguments.wrong("there is no scope \"\(wrong)\"\(hint)")
        }
        var fields: [String: Value] = [
            "name": .string(try name(arguments)), "scopes": .array(scopes.map { .string($0) }),
        ]
        fields["annotator"] = arguments["annotator"].map { .string($0) }
        if arguments.has("any-annotator") { fields["any_annotator"] = true }
        if let time = arguments["expires"] {
            fields["expires_in"] = .integer(try seconds(time, arguments))
        }
        var limits: [String: Value] = [:]
        for option in ["requests-per-minute", "concurrent-generations", "tokens-per-minute"] {
            guard let number = try arguments.integer(option, in: 1...1_000_000_000) else {
                continue
            }
            limits[option.replacing("-", with: "_")] = .integer(number)
        }
        if !limits.isEmpty { fields["limits"] = .object(limits) }
        return .object(fields)
    }

    private static func seconds(
        _ text: String,
        _ arguments: ParsedArguments
    ) throws(UsageError) -> Int {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        let number = Int(unit == nil ? text : String(text.dropLast()))
        guard let number, (1...36_500).contains(number) || (unit ?? 1 == 1 && number > 0) else {
            throw arguments.wrong("--expires must be like 90d, 12h, 30m or 3600, not \"\(text)\"")
        }
        return number.multipliedReportingOverflow(by: unit ?? 1).partialValue
    }

    private static func name(_ arguments: ParsedArguments) throws(UsageError) -> String {
        let operand = arguments.operands.dropFirst().first
        guard let name = arguments["name"] ?? operand else {
            throw arguments.wrong("NAME is missing")
        }
        if let operand, operand != name {
            throw arguments.wrong("write NAME once: it is \(operand) and \(name)")
        }
        return name
    }

    // MARK: List and revoke

    private static func list(_ arguments: ParsedArguments) async throws {
        let tokens = try await with(
            arguments,
            local: { try await $0.tokens() },
            remote: { try await $0.get(ListPage<TokenObject>.self, "/v1/tokens").data }
        )
        guard !arguments.has("json") else { return try Terminal.write(ListPage(tokens)) }
        var table = TextTable([
            "id", "name", "scopes", "annotator", "created", "last used", "expires", "state",
        ])
        let now = Int(Date().timeIntervalSince1970)
        for token in tokens {
            let isOver = token.expiresAt.map { $0 <= now } ?? false
            table.add([
                token.id, token.name, words(token), token.annotator ?? "", day(token.createdAt),
                token.lastUsedAt.map(day) ?? "never", token.expiresAt.map(day) ?? "never",
                token.revokedAt != nil ? "revoked" : isOver ? "expired" : "active",
            ])
        }
        print(table.text)
    }

    private static func revoke(_ arguments: ParsedArguments) async throws {
        let name = try name(arguments)
        let token = try await with(
            arguments,
            local: { try await $0.revokeToken(name) },
            remote: { client in
                try await client.delete(
                    TokenObject.self,
                    "/v1/tokens/\(HoneClient.escaped(name))"
                )
            }
        )
        guard !arguments.has("json") else { return try Terminal.write(token) }
        print("revoked \(token.name) (\(token.id)): it opens nothing from now on")
    }

    /// The data folder, unless `--url` names a server or a honed has it.
    private static func with<Result: Sendable>(
        _ arguments: ParsedArguments,
        local: (LocalSession) async throws -> Result,
        remote: @escaping (HoneClient) async throws -> Result
    ) async throws -> Result {
        if let url = arguments["url"] { return try await remote(HoneClient(url: url)) }
        return try await Session.with(arguments, local: local, remote: remote)
    }

    private static func words(_ token: TokenObject) -> String {
        token.scopes.map(\.rawValue).joined(separator: ", ")
    }

    private static func day(_ seconds: Int) -> String {
        let date = Date(timeIntervalSince1970: Double(seconds))
        return String(date.ISO8601Format().prefix(16)).replacing("T", with: " ")
    }
}
