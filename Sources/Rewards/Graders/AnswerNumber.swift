import Domain
import Foundation

/// Finds the grade in what a model wrote.
enum AnswerNumber {
    /// The most text that is looked at, characters.
    static let maximumLength = 16_384

    /// The `"result"` of a JSON object, the number that the text is, or the last number in it.
    static func find(in answer: String) -> Double? {
        let text = String(answer.suffix(maximumLength))
        if let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) {
            return value["result"]?.doubleValue ?? value.doubleValue
        }
        var found: Double?
        var digits = ""
        for character in text + " " {
            let isDigit = character.isASCII && (character.isNumber || character == ".")
            if isDigit {
                digits.append(character)
                continue
            }
            // "3." ends a sentence.
            found = Double(digits.hasSuffix(".") ? String(digits.dropLast()) : digits) ?? found
            digits = character == "-" ? "-" : ""
        }
        return found
    }
}
