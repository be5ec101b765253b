import Domain
import Testing

/// Vectors of FIPS 180-4's example values (NIST CSRC, "SHA_All") and of RFC 4231 §4.
@Suite struct SHA256Tests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `digests are those of the standard's examples`(message: String, digest: String) {
        #expect(hex(SHA256.digest(message.utf8)) == digest)
    }

    @Test(arguments: [55, 56, 63, 64, 65])
    func `a message's length counts on both sides of a block's end`(length: Int) {
        let one = SHA256.digest([UInt8](repeating: 97, count: length))
        let other = SHA256.digest([UInt8](repeating: 97, count: length + 1))
        #expect(one.count == SHA256.digestBytes)
        #expect(one != other)
    }

    @Test func `10,000 times a is not one block`() {
        let digest = SHA256.digest([UInt8](repeating: 97, count: 10_000))
        #expect(hex(digest) == "27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711")
    }

    private static let bytes25 = (1...25).map { UInt8($0) }

    @Test(
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                bytes25, [UInt8](repeating: 0xcd, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ] as [([UInt8], [UInt8], String)]
    )
    func `codes are those of RFC 4231`(key: [UInt8], message: [UInt8], code: String) {
        #expect(hex(SHA256.authenticationCode(message, key: key)) == code)
    }
}
