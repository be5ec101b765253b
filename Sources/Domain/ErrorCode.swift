/// The stable codes of everything that can be answered to a user.
///
/// The API maps each to a status.
public enum ErrorCode: String, Sendable, Hashable, Codable, CaseIterable {
    case invalidRequest = "invalid_request"
    case invalidSpec = "invalid_spec"
    case unknownModel = "unknown_model"
    case unknownRun = "unknown_run"
    case unknownRollout = "unknown_rollout"
    case unknownReward = "unknown_reward"
    case unknownObjective = "unknown_objective"
    case notFound = "not_found"
    case alreadyExists = "already_exists"
    case immutableModel = "immutable_model"
    case conflict = "conflict"
    case staleVersion = "stale_policy_version"
    case invalidModelFile = "invalid_model_file"
    case unsupportedModel = "unsupported_model"
    case vocabularyMismatch = "vocabulary_mismatch"
    case promptTooLong = "prompt_too_long"
    case emptyData = "empty_data"
    case invalidData = "invalid_data"
    case diskFull = "disk_full"
    case dataFolderLocked = "data_folder_locked"
    case portInUse = "port_in_use"
    case workerLost = "worker_lost"
    case deadlineExceeded = "deadline_exceeded"
    case notANumber = "not_a_number"
    case overloaded = "overloaded"
    case rateLimited = "rate_limited"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case internalError = "internal_error"
    case unscored = "unscored"
}

/// An operational error with a stable code: what was wrong, where, and what to do.
public struct HoneError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The code clients branch on; it stays the same when the wording of `message` changes.
    public var code: ErrorCode
    /// For the user: what was wrong and what to do.
    public var message: String
    /// The field, file or name at fault.
    public var param: String?

    /// An error of this code; `param` names the field, file or name at fault, when there is one.
    public init(_ code: ErrorCode, _ message: String, param: String? = nil) {
        self.code = code
        self.message = message
        self.param = param
    }

    /// The message alone, without code and `param`.
    public var description: String { message }
}
