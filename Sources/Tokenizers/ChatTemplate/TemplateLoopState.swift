/// What `loop` tells within a loop's body.
final class TemplateLoopState {
    let items: [TemplateValue]
    /// Loops of the same statement around this one.
    let depth: Int
    /// The statement, where its body may call `loop(…)`.
    let statement: TemplateLoop?
    var index = 0
    /// What `changed` was asked last.
    var lastAsked: [TemplateValue]?

    init(_ items: [TemplateValue], depth: Int, statement: TemplateLoop?) {
        self.items = items
        self.depth = depth
        self.statement = statement
    }

    static let methods: Set<String> = ["cycle", "changed"]

    /// The value of `loop.name`; `nil` where there is none.
    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(items.count - index)
        case "revindex0": .integer(items.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == items.count - 1)
        case "length": .integer(items.count)
        case "depth": .integer(depth + 1)
        case "depth0": .integer(depth)
        case "previtem": index > 0 ? items[index - 1] : nil
        case "nextitem": index + 1 < items.count ? items[index + 1] : nil
        default: nil
        }
    }
}
