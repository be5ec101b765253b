/// Python's upper and lower case, and what it says of a string's characters.
extension TemplateStrings {
    /// The text after the method `name`; `nil` if it is not one of case.
    static func cased(_ name: String, _ text: String) -> String? {
        switch name {
        case "upper": text.uppercased()
        case "lower": text.lowercased()
        case "capitalize": capitalized(text)
        case "title": title(text)
        case "swapcase": swapped(text)
        default: nil
        }
    }

    /// The answer of the method `name`, such as `isdigit`.
    static func holds(_ name: String, _ text: String) -> Bool {
        let scalars = text.unicodeScalars
        switch name {
        case "isascii": return scalars.allSatisfy(\.isASCII)
        case "isupper": return isCased(text, upper: true)
        case "islower": return isCased(text, upper: false)
        case "istitle": return isTitle(text)
        default: return !scalars.isEmpty && scalars.allSatisfy { holds(name, $0) }
        }
    }

    private static func holds(_ name: String, _ scalar: Unicode.Scalar) -> Bool {
        let isLetter = CharacterClass.of(scalar.value).contains(.letter)
        switch name {
        case "isspace": return isSpace(scalar)
        case "isalpha": return isLetter
        case "isdecimal": return scalar.properties.numericType == .decimal
        case "isdigit":
            return scalar.properties.numericType == .decimal
                || scalar.properties.numericType == .digit
        case "isnumeric": return scalar.properties.numericType != nil
        default: return isLetter || scalar.properties.numericType != nil
        }
    }

    /// Whether all that has case is upper or lower, and something has.
    static func isCased(_ text: String, upper: Bool) -> Bool {
        var isAny = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            let isTitle = properties.generalCategory == .titlecaseLetter
            if isTitle || (upper ? properties.isLowercase : properties.isUppercase) { return false }
            isAny = isAny || (upper ? properties.isUppercase : properties.isLowercase)
        }
        return isAny
    }

    private static func isTitle(_ text: String) -> Bool {
        var isAny = false
        var isInside = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
                if isInside { return false }
                isInside = true
                isAny = true
            } else if properties.isLowercase {
                if !isInside { return false }
            } else {
                isInside = false
            }
        }
        return isAny
    }

    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
        return first.properties.titlecaseMapping + rest.lowercased()
    }

    static func title(_ text: String) -> String {
        var result = ""
        var isInside = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            result += isInside ? properties.lowercaseMapping : properties.titlecaseMapping
            isInside = properties.isCased
        }
        return result
    }

    private static func swapped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            scalar.properties.isUppercase
                ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
        }.joined()
    }

    /// Jinja's `title` filter: a word starts after white space, hyphens and opening brackets only.
    static func titledWords(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            if isSpace(scalar) || "-({[<".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
                startsWord = true
            } else {
                let properties = scalar.properties
                result += startsWord ? properties.uppercaseMapping : properties.lowercaseMapping
                startsWord = false
            }
        }
        return result
    }
}
