/// The head of a reward model with its settings: `reward_model.head` of a spec.
public enum RewardHead: Sendable, Hashable {
    case scalar
    case ensemble(Ensemble)
    case attributes(Attributes)
    case preference(Preference)
    case pair(Pair)

    /// Several scalar heads, seeded apart.
    public struct Ensemble: Sendable, Hashable {
        /// How many heads.
        public var members: Int
        /// Whether each learns from a sample of its own, drawn with replacement.
        public var bootstrap: Bool
        /// So many heads.
        public init(members: Int, bootstrap: Bool) {
            self.members = members
            self.bootstrap = bootstrap
        }
    }

    /// A vector for each text, compared by a skew-symmetric form.
    ///
    /// Source: Zhang et al. 2024, arXiv 2410.02197, equation 4.
    public struct Preference: Sendable, Hashable {
        /// The length of the vectors, even: every two numbers are one plane of rotation.
        public var dimensions: Int
        /// Whether vectors are scaled to length 1.
        public var normalises: Bool
        /// What the score of two texts is divided by.
        public var temperature: Double
        /// Vectors of an even length.
        public init(dimensions: Int, normalises: Bool, temperature: Double) {
            self.dimensions = dimensions
            self.normalises = normalises
            self.temperature = temperature
        }
    }

    /// Both texts in one, which the backbone reads.
    public struct Pair: Sendable, Hashable {
        /// The text that is read; `{prompt}`, `{a}` and `{b}` are replaced.
        public var template: String
        /// A template.
        public init(template: String) { self.template = template }
    }

    /// Several ratings of a text at once, and what they are weighted by.
    public struct Attributes: Sendable, Hashable {
        /// Fixed weights by attribute; empty weighs all alike.
        public var weights: [String: Double]
        /// Whether pairs teach the weights as a function of the prompt.
        public var gates: Bool
        /// The attribute that the others must not follow, such as `verbosity`; empty for none.
        public var verbosity: String
        /// The largest rank correlation with it that is let be.
        public var verbosityLimit: Double
        /// Neurons of the gate's two hidden layers.
        public var gatingWidth: Int
        /// What the gate's logits are divided by.
        public var gatingTemperature: Double
        /// Steps that the gate is trained for.
        public var gatingSteps: Int
        /// The defaults: a gate where there are pairs, no attribute held back.
        public init() {
            weights = [:]
            gates = true
            verbosity = ""
            verbosityLimit = 0.03
            gatingWidth = 64
            gatingTemperature = 10
            gatingSteps = 500
        }
    }

    /// What the head says of texts.
    public var kind: RewardKind {
        switch self {
        case .scalar: .scalar
        case .ensemble: .ensemble
        case .attributes: .attributes
        case .preference: .preference
        case .pair: .pair
        }
    }
}

extension RewardHead {
    private static let defaults = Attributes()

    /// The settings of a kind of head.
    public static func parameters(of kind: RewardKind) -> [ParameterDescription] {
        switch kind {
        case .scalar: []
        case .ensemble:
            [
                ParameterDescription("members", .integer(2...64), default: 5, "How many heads."),
                ParameterDescription(
                    "bootstrap",
                    .bool,
                    default: true,
                    "Whether each head learns from a sample of its own, drawn with replacement."
                ),
            ]
        case .preference:
            [
                ParameterDescription(
                    "dimensions",
                    .integer(2...256),
                    default: 4,
                    "The length of a text's vector, an even number; two more for every further "
                        + "circle that preferences may run in."
                ),
                ParameterDescription(
                    "normalise",
                    .bool,
                    default: false,
                    "Whether vectors are scaled to length 1."
                ),
                ParameterDescription(
                    "temperature",
                    .number(.positive),
                    default: 1,
                    "What the score of two texts is divided by."
                ),
            ]
        case .pair:
            [
                ParameterDescription(
                    "template",
                    .string,
                    default: "[CONTEXT] {prompt} [RESPONSE A] {a} [RESPONSE B] {b}",
                    "The text that is read; {prompt}, {a} and {b} are replaced."
                )
            ]
        case .attributes: attributeParameters
        }
    }

    private static let attributeParameters = [
        ParameterDescription(
            "weights",
            .nested,
            default: .object([:]),
            "Fixed weights by attribute, {\"helpfulness\": 1, …}: used where no gate is trained; "
                + "all alike unless said."
        ),
        ParameterDescription(
            "gating",
            .bool,
            default: .bool(defaults.gates),
            "Whether pairs, where the data has some, teach the weights as a function of the prompt."
        ),
        ParameterDescription(
            "verbosity",
            .string,
            default: .string(defaults.verbosity),
            "The attribute that the others must not follow; none unless said."
        ),
        ParameterDescription(
            "verbosity_limit",
            .number(NumericRange(0, 1)),
            default: .number(defaults.verbosityLimit),
            "The largest rank correlation with that attribute that is let be."
        ),
        ParameterDescription(
            "gating_width",
            .integer(1...4096),
            default: .integer(defaults.gatingWidth),
            "Neurons of each of the gate's two hidden layers."
        ),
        ParameterDescription(
            "gating_temperature",
            .number(.positive),
            default: .number(defaults.gatingTemperature),
            "What the gate's logits are divided by."
        ),
        ParameterDescription(
            "gating_steps",
            .integer(1...100_000),
            default: .integer(defaults.gatingSteps),
            "Steps that the gate is trained for, each on 64 pairs."
        ),
    ]

    /// Reads a head as a spec has it: `{"name": "ensemble", …}`, or its name alone.
    ///
    /// - Throws: all faults, with paths below `path`.
    public init(_ written: Value, path: String) throws(Faults) {
        let value: Value =
            if let name = written.stringValue { ["name": .string(name)] } else { written }
        let names = RewardKind.allCases.map { $0.rawValue }
        guard let name = value["name"]?.stringValue else {
            let message = "must be the name of a head or an object with its name"
            throw Faults([Fault(path: path, message: message)])
        }
        guard let kind = RewardKind(rawValue: name) else {
            let hint = NameHint.meant(name, among: names)
            let message = "must be one of \(names.joined(separator: ", ")), not \"\(name)\"\(hint)"
            throw Faults([Fault(path: "\(path).name", message: message)])
        }
        let values = try ParameterValues(
            value,
            describedBy: Self.parameters(of: kind),
            path: path,
            ignoring: ["name"]
        )
        self =
            switch kind {
            case .scalar: .scalar
            case .ensemble:
                .ensemble(
                    Ensemble(
                        members: values.integer("members"),
                        bootstrap: values.bool("bootstrap")
                    )
                )
            case .preference: .preference(try Self.preference(values, path))
            case .pair: .pair(try Self.pair(values, path))
            case .attributes: .attributes(try Self.attributes(values, path))
            }
    }

    private static func preference(
        _ values: ParameterValues,
        _ path: String
    ) throws(Faults) -> Preference {
        let dimensions = values.integer("dimensions")
        guard dimensions.isMultiple(of: 2) else {
            let message = "must be even, not \(dimensions): two numbers are one plane"
            throw Faults([Fault(path: "\(path).dimensions", message: message)])
        }
        return Preference(
            dimensions: dimensions,
            normalises: values.bool("normalise"),
            temperature: values.number("temperature")
        )
    }

    private static func pair(_ values: ParameterValues, _ path: String) throws(Faults) -> Pair {
        let template = values.string("template")
        guard template.contains("{a}"), template.contains("{b}") else {
            let message = "must contain {a} and {b}, or the two cannot be told apart"
            throw Faults([Fault(path: "\(path).template", message: message)])
        }
        return Pair(template: template)
    }

    private static func attributes(
        _ values: ParameterValues,
        _ path: String
    ) throws(Faults) -> Attributes {
        var head = Attributes()
        guard let written = values.values["weights"]?.objectValue,
            written.values.allSatisfy({ $0.doubleValue?.isFinite == true })
        else {
            let message = "must be an object with a number for each attribute"
            throw Faults([Fault(path: "\(path).weights", message: message)])
        }
        head.weights = written.compactMapValues(\.doubleValue)
        head.gates = values.bool("gating")
        head.verbosity = values.string("verbosity")
        head.verbosityLimit = values.number("verbosity_limit")
        head.gatingWidth = values.integer("gating_width")
        head.gatingTemperature = values.number("gating_temperature")
        head.gatingSteps = values.integer("gating_steps")
        return head
    }

    /// The head as a spec has it, every setting spelled out.
    public var value: Value {
        var fields: [String: Value] = ["name": .string(kind.rawValue)]
        switch self {
        case .scalar: break
        case .ensemble(let head):
            fields["members"] = .integer(head.members)
            fields["bootstrap"] = .bool(head.bootstrap)
        case .preference(let head):
            fields["dimensions"] = .integer(head.dimensions)
            fields["normalise"] = .bool(head.normalises)
            fields["temperature"] = .number(head.temperature)
        case .pair(let head): fields["template"] = .string(head.template)
        case .attributes(let head):
            fields["weights"] = .object(head.weights.mapValues { .number($0) })
            fields["gating"] = .bool(head.gates)
            fields["verbosity"] = .string(head.verbosity)
            fields["verbosity_limit"] = .number(head.verbosityLimit)
            fields["gating_width"] = .integer(head.gatingWidth)
            fields["gating_temperature"] = .number(head.gatingTemperature)
            fields["gating_steps"] = .integer(head.gatingSteps)
        }
        return .object(fields)
    }
}

extension RewardHead: Codable {
    /// Reads what a spec has.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { self = try RewardHead(try container.decode(Value.self), path: "head") } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes what a spec has.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
