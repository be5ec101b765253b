import Domain

/// The scores of a service on the network.
struct RemoteReward: SourcedReward {
    static let name = "remote"
    static let summary =
        "The scores of a service over HTTP, in the shape of OpenRLHF, slime or vLLM."
    static let parameters = [
        ParameterDescription(
            "url",
            .string,
            default: nil,
            "Where requests are sent, http://HOST:PORT/PATH; the host must be allowed."
        ),
        ParameterDescription(
            "protocol",
            .choice(RemoteService.Shape.allCases.map { $0.rawValue }),
            default: nil,
            "What the service understands."
        ),
        ParameterDescription(
            "batch_size",
            .integer(1...4096),
            default: 16,
            "Completions of one request; slime's shape always sends one."
        ),
        ParameterDescription(
            "timeout_seconds",
            .number(NumericRange(0.01, 3600)),
            default: 120,
            "How long one request may take."
        ),
        ParameterDescription(
            "attempts",
            .integer(1...100),
            default: 5,
            "Times that a request is sent before its completions are unscored."
        ),
        ParameterDescription(
            "concurrency",
            .integer(1...64),
            default: 4,
            "Requests at the same time; the server limits them for each URL besides."
        ),
        ParameterDescription(
            "result_key",
            .string,
            default: .null,
            "The field of the reply with the scores: rewards (openrlhf) or score (slime) unless given."
        ),
        ParameterDescription(
            "model",
            .string,
            default: "",
            "The name of the service's model, for vLLM's shapes."
        ),
        ParameterDescription(
            "label_key",
            .string,
            default: "label",
            "The field of the prompt's record that is sent as the label."
        ),
    ]

    let service: RemoteService
    let label = Self.name
    var source: RewardSource { .remote(service) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        var faults: [Fault] = []
        let url = parameters.string("url")
        if !Self.isPlain(url) {
            faults.append(Fault(path: "\(path).url", message: "must be http://HOST:PORT/PATH"))
        }
        let shape = RemoteService.Shape(rawValue: parameters.string("protocol")) ?? .openrlhf
        let needsModel = [.vllmScore, .vllmClassify, .vllmPooling].contains(shape)
        if needsModel && parameters.string("model").isEmpty {
            let message = "is required for \(shape.rawValue): the name of the service's model"
            faults.append(Fault(path: "\(path).model", message: message))
        }
        if !faults.isEmpty { throw Faults(faults) }
        service = RemoteService(
            url: url,
            shape: shape,
            batchSize: shape == .slime ? 1 : parameters.integer("batch_size"),
            timeout: .seconds(parameters.number("timeout_seconds")),
            attempts: parameters.integer("attempts"),
            concurrency: parameters.integer("concurrency"),
            resultKey: parameters.values["result_key"]?.stringValue
                ?? (shape == .slime ? "score" : "rewards"),
            modelName: parameters.string("model"),
            labelKey: parameters.string("label_key")
        )
    }

    /// Whether it is a URL without names, passwords, or characters that URLs do not have.
    private static func isPlain(_ url: String) -> Bool {
        guard url.hasPrefix("http://"), url.utf8.count <= 2048,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return false }
        let authority = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !authority.isEmpty && !authority.contains("@")
    }
}
