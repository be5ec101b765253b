import Foundation

/// `strftime` for templates that tell the model the date.
enum TemplateClock {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// `date` in the machine's time zone; directives that are not known stay as they are.
    static func text(of date: Date, _ format: String) -> String {
        let parts = Calendar(identifier: .gregorian).dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday],
            from: date
        )
        var result = ""
        var isDirective = false
        for character in format {
            if isDirective {
                result += directive(character, parts)
                isDirective = false
            } else if character == "%" {
                isDirective = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    private static func directive(_ letter: Character, _ parts: DateComponents) -> String {
        let month = months[((parts.month ?? 1) + 11) % 12]
        let day = days[((parts.weekday ?? 1) + 6) % 7]
        let hour = parts.hour ?? 0
        switch letter {
        case "Y": return String(parts.year ?? 0)
        case "y": return padded((parts.year ?? 0) % 100)
        case "m": return padded(parts.month)
        case "d": return padded(parts.day)
        case "H": return padded(hour)
        case "I": return padded((hour + 11) % 12 + 1)
        case "p": return hour < 12 ? "AM" : "PM"
        case "M": return padded(parts.minute)
        case "S": return padded(parts.second)
        case "B": return month
        case "b": return String(month.prefix(3))
        case "A": return day
        case "a": return String(day.prefix(3))
        case "F": return "\(parts.year ?? 0)-\(padded(parts.month))-\(padded(parts.day))"
        case "%": return "%"
        default: return "%\(letter)"
        }
    }

    private static func padded(_ number: Int?) -> String {
        let text = String(number ?? 0)
        return text.utf8.count < 2 ? "0" + text : text
    }
}
