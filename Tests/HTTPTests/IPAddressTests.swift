import HTTP
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("8.8.8.8", true), ("1.1.1.1", true), ("2606:4700::1111", true), ("0.0.0.0", false),
        ("10.0.0.1", false), ("100.64.0.1", false), ("127.0.0.1", false),
        ("127.255.255.255", false),
        ("169.254.169.254", false), ("172.15.0.1", true), ("172.16.0.1", false),
        ("172.31.255.255", false), ("172.32.0.1", true), ("192.168.1.1", false),
        ("198.18.0.1", false), ("224.0.0.1", false), ("255.255.255.255", false), ("::", false),
        ("::1", false), ("::ffff:127.0.0.1", false), ("::ffff:10.0.0.1", false),
        ("::ffff:8.8.8.8", true), ("fe80::1", false), ("fc00::1", false), ("fd12::1", false),
        ("ff02::1", false), ("64:ff9b::7f00:1", false), ("2002:7f00:1::", false),
        ("2001:db8::1", false), ("2001::1", false), ("::127.0.0.1", false),
    ])
    func `private, local and translated addresses are not public`(
        _ text: String,
        isPublic: Bool
    ) throws {
        #expect(try #require(IPAddress(text)).isPublic == isPublic)
    }

    @Test(arguments: [
        "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1 ", "", "localhost",
        "1.2.3.256",
        "[::1]", "fe80::1%eth0", "1.2.3.4/8",
    ])
    func `other spellings of addresses are none`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `an IPv4 address in IPv6 is the IPv4 address`() throws {
        #expect(IPAddress("::ffff:127.0.0.1") == IPAddress("127.0.0.1"))
        #expect(IPAddress("::ffff:127.0.0.1")?.isLoopback == true)
        #expect(IPAddress("::1")?.isLoopback == true && IPAddress("::2")?.isLoopback == false)
        #expect(IPAddress("2606:4700:0:0::1")?.description == "2606:4700::1")
    }

    @Test func `a range holds what begins as it does`() throws {
        let range = try #require(AddressRange("10.2.0.0/15"))
        for (text, isIn) in [
            ("10.1.255.255", false), ("10.2.0.0", true), ("10.3.255.255", true),
            ("10.4.0.0", false),
            ("::ffff:10.3.0.9", true), ("::1", false),
        ] {
            #expect(range.contains(try #require(IPAddress(text))) == isIn, "\(text)")
        }
        #expect(AddressRange("10.1.2.3")?.isWide == false)
        for text in ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "/8", "x/8", "10.0.0.0/"] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }
}
