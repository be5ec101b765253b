public import Domain

/// A grader that is a Python function, run in a confined process of its own.
public struct PythonGrader: SourcedReward, Hashable {
    /// Its `type`.
    public static let name = "python"
    /// What it is.
    public static let summary = "What the function grade(sample, item) of a Python text returns."
    /// Its fields.
    public static let parameters = [
        ParameterDescription(
            "source",
            .string,
            default: nil,
            "The text, which defines grade(sample, item)."
        ),
        ParameterDescription(
            "image_tag",
            .string,
            default: .null,
            "Taken and not used: the Python of this machine runs it."
        ),
    ]

    /// The longest text, bytes.
    static let maximumBytes = 256 << 10

    /// The text that defines `grade`.
    public let code: String

    /// What it is called unless the grader has a name.
    public var label: String { Self.name }
    /// Itself.
    public var source: RewardSource { .python(self) }

    /// Reads a grader's object; throws all its faults.
    public init(_ parameters: ParameterValues, path: String) throws(Faults) {
        code = parameters.string("source")
        guard code.contains("def grade"), code.utf8.count <= Self.maximumBytes else {
            let message = "must define grade(sample, item), in at most \(Self.maximumBytes) bytes"
            throw Faults([Fault(path: "\(path).source", message: message)])
        }
    }
}
