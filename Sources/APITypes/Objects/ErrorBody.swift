public import Domain

/// The body of every reply that is an error.
public struct ErrorBody: Sendable, Hashable, Codable {
    /// What went wrong.
    public struct Detail: Sendable, Hashable, Codable {
        /// What was wrong, where, and what to do.
        public var message: String
        /// Its class, which follows from the reply's status.
        public var type: ErrorType
        /// The field, file or name at fault; null when there is none.
        public var param: String?
        /// A stable code of the catalogue.
        public var code: String
        /// All faults of the request, when there can be more than one.
        public var faults: [Fault]?

        private enum CodingKeys: String, CodingKey { case message, type, param, code, faults }

        /// Writes `param` even when it is null; `faults` is left out when there are none.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(message, forKey: .message)
            try container.encode(type, forKey: .type)
            // Clients of OpenAI's shape expect `param` to be there, null or not.
            try container.encode(param, forKey: .param)
            try container.encode(code, forKey: .code)
            try container.encodeIfPresent(faults, forKey: .faults)
        }
    }

    /// What went wrong.
    public var error: Detail

    /// An error of any status and code.
    public init(
        status: Int,
        code: String,
        message: String,
        param: String? = nil,
        faults: [Fault]? = nil
    ) {
        error = Detail(
            message: message,
            type: ErrorType(status: status),
            param: param,
            code: code,
            faults: faults
        )
    }

    /// An error of the catalogue.
    public init(_ error: HoneError) {
        self.init(
            status: error.code.status,
            code: error.code.rawValue,
            message: error.message,
            param: error.param
        )
    }

    /// All faults of one input; the message names the first and counts the rest.
    public init(_ faults: Faults, code: ErrorCode) {
        let first = faults.list.first
        let rest = faults.list.count - 1
        let more = rest > 0 ? " (and \(rest) more, see \"faults\")" : ""
        self.init(
            status: code.status,
            code: code.rawValue,
            message: first.map { "\($0.path) \($0.message)\(more)" } ?? "is invalid",
            param: first?.path,
            faults: faults.list
        )
    }

    /// The shape for the OpenAPI document.
    public static let schema = Schema.named(
        "Error",
        .object([
            .required(
                "error",
                .object([
                    .required("message", .string, "What was wrong, where, and what to do."),
                    .required(
                        "type",
                        .choice(ErrorType.allCases.map { $0.rawValue }),
                        "Its class."
                    ),
                    .required("param", .nullable(.string), "The field, file or name at fault."),
                    .required("code", .string, "A stable code."),
                    .optional("faults", .list(fault), "All faults of the request."),
                ]),
                "What went wrong."
            )
        ])
    )

    /// The shape of one fault.
    static let fault = Schema.named(
        "Fault",
        .object([
            .required("path", .string, "A JSON path such as $.optimizer.learning_rate."),
            .required("message", .string, "What is wrong and what to write instead."),
        ])
    )
}
