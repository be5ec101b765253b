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
