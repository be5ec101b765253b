public import Domain

extension HoneError {
    private static let lengthLimit = 1000

    /// The same error as one line of bounded length.
    ///
    /// Messages quote names out of files, and a stranger's file may have a name of a megabyte, or one with
    /// line ends that pass for lines of their own in a log.
    public var inOneLine: HoneError {
        HoneError(code, Self.line(message), param: param.map(Self.line))
    }

    private static func line(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if isPlain && text.utf8.count <= lengthLimit { return text }
        var scalars = text.unicodeScalars[...]
        if scalars.count > lengthLimit {
            let (head, tail) = (
                scalars.prefix(lengthLimit * 2 / 3), scalars.suffix(lengthLimit / 4)
            )
            scalars = (String(head) + " … " + String(tail)).unicodeScalars[...]
        }
        var line = ""
        for scalar in scalars {
            if scalar.properties.generalCategory == .control {
                line += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
