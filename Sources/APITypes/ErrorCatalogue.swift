public import Domain

extension ErrorCode {
    /// The HTTP status of an error with this code: the one place that decides it.
    public var status: Int {
        switch self {
        case .invalidRequest, .invalidSpec, .unknownReward, .unknownObjective,
            .emptyData, .invalidData, .promptTooLong:
            400
        case .unauthorized: 401
        case .forbidden: 403
        case .unknownModel, .unknownRun, .unknownRollout, .notFound: 404
        case .alreadyExists, .immutableModel, .conflict, .staleVersion: 409
        case .invalidModelFile, .unsupportedModel, .vocabularyMismatch, .unscored: 422
        case .notANumber, .internalError: 500
        case .rateLimited: 429
        case .overloaded, .workerLost, .dataFolderLocked, .portInUse: 503
        case .deadlineExceeded: 504
        case .diskFull: 507
        }
    }
}

extension ErrorCode {
    /// What has happened and what to do about it, for the catalogue of errors (`docs/errors.md`).
    ///
    /// The message of an error is more exact: it names the value, the file and the mend.
    public var explanation: (meaning: String, remedy: String) {
        switch self {
        case .invalidRequest: ("the request is malformed", "mend the field that `param` names")
        case .invalidSpec:
            (
                "a run's spec has faults, all of which are told; or the run would not fit the machine",
                "mend the fields; for memory what the message says: an adapter, fewer trained layers, a smaller "
                    + "`activation_memory_mb`, fewer checkpoints"
            )
        case .unknownModel, .unknownRun, .unknownRollout, .unknownReward, .unknownObjective:
            ("nothing has this name; the message has the nearest one", "correct the name")
        case .notFound: ("there is no such path, file or object", "correct the path or id")
        case .alreadyExists: ("the name is taken", "choose another, or delete what has it")
        case .immutableModel:
            ("the run updates its own policy", "send updates to a run of kind `external`")
        case .conflict:
            (
                "the state of the thing forbids it: ended, answered, in use; or an `Idempotency-Key` came with "
                    + "another request",
                "do what the message says; take a new key"
            )
        case .staleVersion:
            (
                "the policy has learned since `expected_policy_version`",
                "read it again and decide anew"
            )
        case .invalidModelFile: ("a model's file is damaged or contradicts itself", "get it again")
        case .unsupportedModel:
            (
                "a sound model of a kind that is not built",
                "take a Llama-family model, or export it as F32"
            )
        case .vocabularyMismatch:
            (
                "two models that are compared token by token have other tokens",
                "take models of one family"
            )
        case .promptTooLong:
            ("the text exceeds the model's context", "shorten it, or lower `max_tokens`")
        case .emptyData: ("nothing is left to learn from", "give more data, or loosen the filters")
        case .invalidData:
            (
                "a record or a stored file cannot be read; naming `hone.sqlite`: the database is damaged",
                "mend the line that is named; a database: restore a backup, or move it away to start empty"
            )
        case .diskFull: ("there is no room left on the disk", "free some, then resume the run")
        case .dataFolderLocked:
            (
                "another process holds the data folder",
                "stop the one that is named, or use another folder"
            )
        case .portInUse: ("somebody listens at the port", "another `--port`, or stop the other")
        case .workerLost:
            (
                "a worker ended three times in a row in one unit of work",
                "read the cause in the message: a signal 9 that nobody sent is the kernel's out-of-memory killer "
                    + "(`journalctl -k`)"
            )
        case .deadlineExceeded: ("it took longer than it may", "ask for less, or again")
        case .notANumber:
            (
                "loss or gradient diverged; the weights are those before the step",
                "resume or fork with a smaller learning rate"
            )
        case .overloaded:
            (
                "too much is asked at once, the server is ending, or a flush to the disk failed",
                "ask again later; after a failed flush nothing is written until the next start: look to the disk"
            )
        case .rateLimited: ("the token's allowance is used up", "wait as `Retry-After` says")
        case .unauthorized: ("no token, or none that is known here", "`hone token create`")
        case .forbidden: ("the token may not do this", "take one with the scope that is named")
        case .internalError: ("a fault of Hone", "report it with the `x-request-id` and the log")
        case .unscored:
            ("the reward has no score for it", "read the reason; a missing score is never 0")
        }
    }

    /// All codes with status, type, meaning and remedy, as a Markdown table.
    public static var markdown: String {
        let rows = allCases.map { code in
            let (meaning, remedy) = code.explanation
            let type = ErrorType(status: code.status).rawValue
            return "| `\(code.rawValue)` | \(code.status) | `\(type)` | \(meaning) | \(remedy) |"
        }
        let head = ["| code | status | type | meaning | what to do |", "|---|---|---|---|---|"]
        return (head + rows).joined(separator: "\n")
    }
}

/// What a client's code can tell errors apart by, coarser than the code.
public enum ErrorType: String, Sendable, Hashable, Codable, CaseIterable {
    case invalidRequest = "invalid_request_error"
    case authentication = "authentication_error"
    case permission = "permission_error"
    case notFound = "not_found_error"
    case conflict = "conflict_error"
    case overloaded = "overloaded_error"
    case server = "server_error"

    /// The type that goes with a status.
    public init(status: Int) {
        self =
            switch status {
            case 401: .authentication
            case 403: .permission
            case 404: .notFound
            case 409: .conflict
            case 429, 503: .overloaded
            case 500...: .server
            default: .invalidRequest
            }
    }
}
