/// The candidate closest to `name` by edit distance, when it is close enough to be a likely typo.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(2, name.count / 3)
    return candidates.map { ($0, editDistance(name, $0)) }
        .filter { $0.1 <= limit }
        .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// How a message about a name that nothing has ends.
public enum NameHint {
    /// `; did you mean "NAME"?` where a likely one is known, else nothing.
    ///
    /// - Parameters:
    ///   - name: What was written.
    ///   - candidates: What is known.
    ///   - mark: Stands around the likely one: quotation marks, or nothing on a command line.
    /// - Returns: The end of the message.
    public static func meant(
        _ name: String,
        among candidates: some Sequence<String>,
        mark: String = "\""
    ) -> String {
        nearestName(to: name, among: candidates).map { "; did you mean \(mark)\($0)\(mark)?" } ?? ""
    }

    /// `; did you mean "NAME"?` where a likely one is known, else `; known: A, B`.
    ///
    /// - Parameters:
    ///   - name: What was written.
    ///   - candidates: What is known.
    ///   - listed: What is listed of it; all unless said.
    ///   - title: What the list is called.
    /// - Returns: The end of the message.
    public static func meantOrKnown(
        _ name: String,
        among candidates: some Sequence<String>,
        listed: [String]? = nil,
        title: String = "known"
    ) -> String {
        if let near = nearestName(to: name, among: candidates) {
            return "; did you mean \"\(near)\"?"
        }
        return "; \(title): \((listed ?? candidates.sorted()).joined(separator: ", "))"
    }
}

/// Levenshtein distance in characters.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in right.indices {
            let substitution = diagonal + (character == right[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
