import Glibc

/// An IPv4 or IPv6 address; an IPv4 one in IPv6 (`::ffff:1.2.3.4`) is the IPv4 one.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen bytes.
    public let bytes: [UInt8]

    /// Reads the usual notation, and no other: `0x7f.1` and `2130706433`, which look-ups take for addresses
    /// too, are not.
    public init?(_ text: String) {
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: &four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            self.init(bytes: withUnsafeBytes(of: &sixteen) { Array($0) })
        } else {
            return nil
        }
    }

    /// Takes four or sixteen bytes in network order.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        let isMapped = bytes.count == 16 && bytes.starts(with: mapped)
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// Whether it leads back to this machine.
    public var isLoopback: Bool { AddressRange.loopback.contains { $0.contains(self) } }

    /// Whether it is one of the whole internet's: not of a private network, a link, a group, a machine
    /// itself, or one that leads to such through a translator (RFC 6890, RFC 6052, RFC 3056).
    public var isPublic: Bool {
        guard bytes.count == 4 else {
            return AddressRange.publicIPv6.contains { $0.contains(self) }
                && !AddressRange.special.contains { $0.contains(self) }
        }
        return !AddressRange.special.contains { $0.contains(self) }
    }

    /// The usual notation.
    public var description: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
}

/// Addresses with a common beginning, or a single one.
public struct AddressRange: Sendable, Hashable {
    /// The first address.
    public let start: IPAddress
    /// How many bits are common.
    public let bits: Int

    /// Reads an address, or an address and a number of bits: `10.0.0.0/8`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let start = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        let whole = start.bytes.count * 8
        guard let bits = parts.count == 1 ? whole : Int(parts[1]), (0...whole).contains(bits) else {
            return nil
        }
        (self.start, self.bits) = (start, bits)
    }

    /// Whether there is more than one.
    public var isWide: Bool { bits < start.bytes.count * 8 }

    /// Whether an address is among them.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == start.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return (address.bytes[bit / 8] ^ start.bytes[bit / 8]) & mask == 0
        }
    }

    static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)
    /// All of IPv6 that is handed out (RFC 4291 §2.4).
    static let publicIPv6 = ["2000::/3"].compactMap(AddressRange.init)
    /// What is not the internet's, of IPv4 and of the public part of IPv6.
    static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ].compactMap(AddressRange.init)
}

/// Which addresses a client connects to, whatever the name was that stands for them.
public enum AddressReach: Sendable, Hashable {
    /// All.
    case anywhere
    /// This machine's.
    case loopback
    /// Public ones, and those that are named.
    case publicAnd([AddressRange])

    /// Why an address is not connected to; `nil`: it is.
    func refusal(of address: IPAddress?) -> String? {
        switch self {
        case .anywhere: return nil
        case .loopback:
            return address?.isLoopback ?? false ? nil : "its address is not one of this machine"
        case .publicAnd(let ranges):
            guard let address else { return "its address is of no known kind" }
            if address.isPublic || ranges.contains(where: { $0.contains(address) }) { return nil }
            return "its address \(address) is not a public one"
        }
    }
}
