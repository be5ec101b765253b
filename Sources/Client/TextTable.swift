/// Rows in columns as wide as their widest cell; numbers to the right.
public struct TextTable: Sendable {
    private var rows: [[String]]

    /// Makes one of its content.
    public init(_ header: [String]) { rows = [header] }

    /// Adds a row; missing cells are empty.
    public mutating func add(_ row: [String]) { rows.append(row) }

    /// The table with a line under the header.
    public var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        var lines = rows.map { line($0, widths) }
        lines.insert(
            widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "),
            at: 1
        )
        return lines.joined(separator: "\n")
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        let cells = widths.enumerated().map { column, width in
            let cell = row.indices.contains(column) ? row[column] : ""
            let padding = String(repeating: " ", count: width - cell.count)
            return Double(cell) != nil ? padding + cell : cell + padding
        }
        let joined = cells.joined(separator: "  ")
        return String(joined.reversed().drop { $0 == " " }.reversed())
    }
}
