/// Damaged versions of right input, the same at every run: what a parser must survive.
public struct Mutations: Sequence, IteratorProtocol {
    private let original: [UInt8]
    private let words: [[UInt8]]
    private var left: Int
    private var state: UInt64

    /// `count` versions of `original`; `words` are put in now and then, such as the format's own.
    public init(of original: some Sequence<UInt8>, count: Int, seed: UInt64, words: [String] = []) {
        self.original = Array(original)
        self.words = words.map { Array($0.utf8) } + Self.numbers
        left = count
        state = seed
    }

    /// Little-endian numbers at the edges of what counts and lengths can be.
    private static let numbers: [[UInt8]] = [
        [0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 128], [255, 255, 255, 127],
        [255, 255, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 128],
        [255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 0, 0, 0, 0, 0, 0],
    ]

    /// The next version, with one to four changes.
    public mutating func next() -> [UInt8]? {
        guard left > 0 else { return nil }
        left -= 1
        var bytes = original
        for _ in 0...random(below: 4) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = random(below: bytes.count + 1)
        let end = Swift.min(bytes.count, place + 1 + random(below: 16))
        switch random(below: 7) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random(below: 8))
        case 1 where place < bytes.count: bytes[place] = UInt8(random(below: 256))
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: random(below: place + 1))
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: words[random(below: words.count)], at: place)
        default:
            let word = words[random(below: words.count)]
            bytes.replaceSubrange(place..<Swift.min(bytes.count, place + word.count), with: word)
        }
    }

    /// SplitMix64.
    private mutating func random(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}
