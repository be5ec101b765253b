import Domain
import Foundation

/// The formula of a multi grader: numbers, names, + - * / ^, parentheses and a few functions.
///
/// It is read by recursive descent into a tree of bounded depth and size; nothing else is evaluated.
struct GradeFormula: Sendable {
    indirect enum Node: Sendable {
        case number(Double)
        case name(Int)
        case negative(Node)
        case binary(Character, Node, Node)
        case call(String, [Node])
    }

    /// The deepest nesting.
    static let maximumDepth = 64
    /// The longest text, characters.
    static let maximumLength = 4096
    /// Functions with the number of arguments that they take.
    static let functions: [String: ClosedRange<Int>] = [
        "min": 1...64, "max": 1...64, "abs": 1...1, "floor": 1...1, "ceil": 1...1, "exp": 1...1,
        "sqrt": 1...1, "log": 1...1,
    ]

    private let root: Node

    /// Reads a formula over `names`; throws a fault with the place of what is wrong.
    init(_ text: String, names: [String], path: String) throws(Faults) {
        guard text.count <= Self.maximumLength else {
            let message = "is longer than \(Self.maximumLength) characters"
            throw Faults([Fault(path: path, message: message)])
        }
        var parser = GradeFormulaParser(text, names: names)
        do throws(GradeFormulaParser.Problem) {
            root = try parser.whole()
        } catch {
            let message = "\(error.message) at character \(error.place + 1)"
            throw Faults([Fault(path: path, message: message)])
        }
    }

    /// The formula's number for one number for each name; NaN where mathematics has none.
    func value(_ values: [Double]) -> Double { Self.value(root, values) }

    private static func value(_ node: Node, _ values: [Double]) -> Double {
        switch node {
        case .number(let number): number
        case .name(let index): values[index]
        case .negative(let part): -value(part, values)
        case .binary(let sign, let left, let right):
            binary(sign, value(left, values), value(right, values))
        case .call(let name, let parts): call(name, parts.map { value($0, values) })
        }
    }

    private static func binary(_ sign: Character, _ left: Double, _ right: Double) -> Double {
        switch sign {
        case "+": left + right
        case "-": left - right
        case "*": left * right
        case "/": left / right
        default: pow(left, right)
        }
    }

    private static func call(_ name: String, _ values: [Double]) -> Double {
        // Of several numbers one that is none must not be passed over.
        if values.contains(where: { $0.isNaN }) { return .nan }
        return switch name {
        case "min": values.min() ?? .nan
        case "max": values.max() ?? .nan
        case "abs": abs(values[0])
        case "floor": values[0].rounded(.down)
        case "ceil": values[0].rounded(.up)
        case "exp": exp(values[0])
        case "sqrt": values[0].squareRoot()
        default: log(values[0])
        }
    }
}
