/// The one rule for names that become folders, addresses or columns:
/// `^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`.
public enum ResourceName {
    /// The rule as an ECMA 262 pattern, as JSON Schema has it.
    public static let pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
    /// The longest name, bytes.
    public static let longest = 128

    /// What is wrong with a name, `nil` when nothing is.
    public static func problem(_ name: String) -> String? {
        let bytes = name.utf8
        guard (1...longest).contains(bytes.count) else { return "must have 1 to 128 characters" }
        guard bytes.allSatisfy({ isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }) else {
            return "may only have letters a-z and A-Z, digits, '.', '_' and '-', not \"\(name)\""
        }
        guard bytes.first.map(isAlphanumeric) ?? false else {
            return "must begin with a letter or digit"
        }
        return nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
