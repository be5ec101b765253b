/// The values a call was given.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// The argument at `index`, or the one called `name`.
    func value(_ index: Int, _ name: String) -> TemplateValue? {
        if index < positional.count { return positional[index] }
        return named.first { $0.name == name }?.value
    }

    /// Refuses arguments that are not among `parameters`.
    func check(_ parameters: [String], of callee: String) throws {
        guard positional.count <= parameters.count else {
            throw TemplateLexer.failure(
                "gives \(callee) \(positional.count) arguments of at most \(parameters.count)"
            )
        }
        for (name, _) in named {
            guard let place = parameters.firstIndex(of: name), place >= positional.count else {
                throw TemplateLexer.failure("gives \(callee) the argument '\(name)' it cannot take")
            }
        }
    }

    /// The arguments after the first `count` by place.
    func dropping(_ count: Int) -> Self {
        Self(positional: Array(positional.dropFirst(count)), named: named)
    }
}
