/// Two texts beside each other in a terminal.
public enum SideBySide {
    /// Both in columns of half the width, in characters.
    public static func text(_ left: String, _ right: String, width: Int) -> String {
        let column = max(10, (width - 3) / 2)
        let (first, second) = (lines(left, column), lines(right, column))
        return (0..<max(first.count, second.count)).map { index in
            let one = index < first.count ? first[index] : ""
            let other = index < second.count ? second[index] : ""
            let padding = String(repeating: " ", count: column - one.count)
            return "\(one)\(padding) │ \(other)"
        }.joined(separator: "\n")
    }

    /// The text without what would move a terminal's cursor or change its colours.
    public static func safe(_ text: String) -> String {
        String(
            text.map { character in
                let isControl = character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control && $0 != "\n"
                }
                return isControl ? " " : character
            }
        )
    }

    /// Lines of at most so many characters, broken between words where there are any.
    static func lines(_ text: String, _ width: Int) -> [String] {
        safe(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            var (lines, current): ([String], String) = ([], "")
            for word in line.split(separator: " ", omittingEmptySubsequences: false) {
                if !current.isEmpty && current.count + 1 + word.count > width {
                    lines.append(current)
                    current = ""
                }
                current += current.isEmpty ? String(word) : " \(word)"
                while current.count > width {
                    lines.append(String(current.prefix(width)))
                    current = String(current.dropFirst(width))
                }
            }
            return lines + [current]
        }
    }
}
