import Foundation

/// Splits texts into words as the published measures do.
enum WordSplitter {
    /// Runs of a–z and 0–9 of the lower-cased text: Google's `rouge-score`.
    static func words(_ text: String) -> [String] {
        text.lowercased().unicodeScalars.split { scalar in
            !(("a"..."z").contains(scalar) || isDigit(scalar))
        }.map { String(String.UnicodeScalarView($0)) }
    }

    /// Words and marks apart, numbers whole: the tokeniser 13a of mteval and sacrebleu.
    static func marked(_ text: String) -> [String] {
        let plain = text.replacing("<skipped>", with: "").replacing("-\n", with: "")
            .replacing("\n", with: " ").replacing("&quot;", with: "\"").replacing(
                "&amp;",
                with: "&"
            )
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        var spaced = " "
        for scalar in plain.unicodeScalars {
            spaced += isMark(scalar) ? " \(scalar) " : String(scalar)
        }
        let scalars = Array((spaced + " ").unicodeScalars)
        var result = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() {
            let before = place > 0 ? scalars[place - 1] : " "
            let after = place + 1 < scalars.count ? scalars[place + 1] : " "
            switch scalar {
            case ".", ",":
                // Only between two digits does it belong to a number.
                let isInside = isDigit(before) && isDigit(after)
                result.append(contentsOf: (isInside ? "\(scalar)" : " \(scalar) ").unicodeScalars)
            case "-" where isDigit(before): result.append(contentsOf: " - ".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// `[\{-\~\[-\` -\&\(-\+\:-\@\/]` of mteval-v13a.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
        default: false
        }
    }
}
