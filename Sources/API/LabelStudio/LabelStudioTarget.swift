import APITypes
import Domain
import HTTP

/// A project of a Label Studio that runs' comparisons are sent to.
public struct LabelStudioTarget: Sendable, Hashable {
    /// Where Label Studio is, without a slash at its end; `http://` only.
    let url: String
    /// The project's number.
    let project: Int
    /// Who sends: an access token of Label Studio's, of either kind.
    let token: String
    /// Comparisons of this run only, by id or name; `nil`: of all.
    let run: String?
    /// For how long a comparison is the project's alone, seconds.
    let seconds: Double

    /// The project's address: what it has been sent is kept under it.
    var address: String { "\(url)/projects/\(project)" }

    /// Reads a checked element of the configuration's `label_studio`.
    ///
    /// - Throws: a fault at `path` for a URL or a token that cannot be used.
    init(_ checked: Value, path: String) throws(Faults) {
        let given = checked["url"]?.stringValue ?? ""
        url = given.hasSuffix("/") ? String(given.dropLast()) : given
        if (try? HTTPURL(url)) == nil || url.contains(where: { "?#".contains($0) }) {
            let message =
                "must be Label Studio's http:// address, not \"\(given)\"; put a local proxy before "
                + "one that needs https"
            throw Faults([Fault(path: "\(path).url", message: message)])
        }
        project = checked["project"]?.integerValue ?? 0
        token = checked["token"]?.stringValue ?? ""
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            let message = "must be an access token of Label Studio's: Account & Settings shows it"
            throw Faults([Fault(path: "\(path).token", message: message)])
        }
        run = checked["run"]?.stringValue
        seconds = checked["ttl_seconds"]?.doubleValue ?? 86_400
    }

    /// A list of them in a configuration file; each project once.
    static func list(_ checked: Value?) throws(Faults) -> [LabelStudioTarget] {
        try DistinctList.read(
            checked,
            path: "$.label_studio",
            field: "project",
            identity: \.address
        ) { value, path throws(Faults) in
            try LabelStudioTarget(value, path: path)
        }
    }

    /// The shape of one of them.
    static let schema = Schema.object([
        .required("url", .text, "Where Label Studio is, http:// only."),
        .required("project", .integer(1...Int(Int32.max)), "The project's number."),
        .required("token", .text, "An access token, personal or legacy."),
        .optional("run", .text, "Comparisons of this run only, by id or name; else of all."),
        .field(
            "ttl_seconds",
            .number(NumericRange(1, 2_592_000)),
            default: 86_400,
            "How long a comparison is the project's alone; then others may be asked, too."
        ),
    ])
}
