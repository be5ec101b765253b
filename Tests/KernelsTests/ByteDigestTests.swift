import Testing

@testable import Kernels

@Suite struct `Digests of bytes` {
    /// FIPS 180-4's own examples; the last one's padding takes a block of its own.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `published examples`(text: String, digest: String) {
        Array(text.utf8).withUnsafeBytes {
            #expect(ByteDigest.sha256($0) == digest)
            #expect(ByteDigest.plainSHA256($0) == digest)
        }
    }

    @Test func `the processor's instructions and plain arithmetic agree at every length`() {
        for count in 0...192 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + $0 >> 3) }
            bytes.withUnsafeBytes {
                #expect(ByteDigest.sha256($0) == ByteDigest.plainSHA256($0), "\(count)")
            }
        }
    }
}
