/// What a Unicode scalar is to the expressions that cut text.
struct CharacterClass: OptionSet {
    let rawValue: UInt8

    static let letter = Self(rawValue: 1)
    static let number = Self(rawValue: 2)
    static let space = Self(rawValue: 4)
    static let lineEnd = Self(rawValue: 8)
    static let punctuation = Self(rawValue: 16)
    /// What `\w` matches: letters, marks, decimal digits, connectors.
    static let word = Self(rawValue: 32)

    static let wordlike: Self = [.letter, .number]
    static let visible: Self = [.letter, .number, .space]

    /// Scalars of the basic plane looked up once: the properties cost a search each.
    private static let basicPlane: [UInt8] = (0..<0x1_0000).map { value in
        Unicode.Scalar(UInt32(value)).map { Self(computing: $0).rawValue } ?? 0
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The class of the scalar numbered `value`.
    static func of(_ value: UInt32) -> Self {
        if value < 0x1_0000 { return Self(rawValue: basicPlane[Int(value)]) }
        return Unicode.Scalar(value).map(Self.init(computing:)) ?? []
    }

    /// The Unicode version of the engine in Hugging Face `tokenizers`, which ids are to equal:
    /// letters assigned since are not letters there.
    private static let newestVersion = 16

    private init(computing scalar: Unicode.Scalar) {
        let properties = scalar.properties
        guard let age = properties.age, age.major <= Self.newestVersion else {
            self = []
            return
        }
        var found: Self = properties.isWhitespace ? .space : []
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            found.formUnion([.letter, .word])
        case .decimalNumber: found.formUnion([.number, .word])
        case .letterNumber: found.formUnion([.number, .word])
        case .otherNumber: found.formUnion(.number)
        case .nonspacingMark, .spacingMark, .enclosingMark: found.formUnion(.word)
        case .connectorPunctuation: found.formUnion([.punctuation, .word])
        case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            found.formUnion(.punctuation)
        default: break
        }
        if scalar == "\r" || scalar == "\n" { found.formUnion(.lineEnd) }
        if "$+<=>^~|".unicodeScalars.contains(scalar) { found.formUnion(.punctuation) }
        self = found
    }
}
