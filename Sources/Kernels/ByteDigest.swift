import CKernels

/// SHA-256 of bytes in memory (FIPS 180-4), with the processor's own instructions where it has them.
public enum ByteDigest {
    /// The digest in hexadecimal, 64 digits.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        hexadecimal { ck_sha256($0, bytes.baseAddress, bytes.count) }
    }

    /// The same in plain arithmetic, as on processors without such instructions.
    package static func plainSHA256(_ bytes: UnsafeRawBufferPointer) -> String {
        hexadecimal { ck_sha256_plain($0, bytes.baseAddress, bytes.count) }
    }

    private static func hexadecimal(_ fill: (UnsafeMutablePointer<UInt8>?) -> Void) -> String {
        let digits = Array("0123456789abcdef")
        var digest = [UInt8](repeating: 0, count: 32)
        digest.withUnsafeMutableBufferPointer { fill($0.baseAddress) }
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
