/// Writes JSON text directly: a vocabulary's keys keep their order, and two keys that Unicode
/// calls equivalent stay two.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Takes back a trailing comma.
    mutating func dropLastByte() { _ = bytes.popLast() }

    mutating func string(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: raw("\\\"")
            case 0x5C: raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Writes `items` with `separator` between them.
    mutating func list<Item>(
        _ items: some Sequence<Item>,
        separator: String = ",",
        _ write: (inout Self, Item) -> Void
    ) {
        var isFirst = true
        for item in items {
            if !isFirst { raw(separator) }
            isFirst = false
            write(&self, item)
        }
    }

    /// Writes `"name":"text",` or `"name":null,`.
    mutating func field(_ name: String, _ text: String?) {
        string(name)
        raw(":")
        if let text { string(text) } else { raw("null") }
        raw(",")
    }
}
