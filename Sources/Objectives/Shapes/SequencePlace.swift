/// Where a sequence stands in its batch, for error messages: `pairs[3].chosen`.
package struct SequencePlace: Sendable, Hashable, CustomStringConvertible {
    var list: DataRequirements.Kind
    var index: Int
    var member: Member?

    enum Member: Sendable, Hashable {
        case chosen
        case rejected
        case third(BatchField)
        case completion(Int)
    }

    /// The path below `batch`, in JSON spelling.
    package var description: String {
        let place = "\(list.rawValue)[\(index)]"
        return switch member {
        case nil: place
        case .chosen: place + ".chosen"
        case .rejected: place + ".rejected"
        case .third(let field): "\(place).\(field.rawValue)"
        case .completion(let index): place + ".completions[\(index)]"
        }
    }
}
