import Domain
import Foundation
import HTTP

/// Sends the files of one folder as a tar archive (POSIX.1-1988 ustar; sizes over 8 GiB in GNU's
/// base-256 form, which every tar of today reads).
struct TarSender {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) { self.writer = writer }

    func send(folder: URL) async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for name in names {
            let file = folder.appendingPathComponent(name)
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
            let path = "\(folder.lastPathComponent)/\(name)"
            try await writer.write(try Self.header(path: path, size: size))
            try await FileSender(writer).send(file)
            try await writer.write([UInt8](repeating: 0, count: (512 - size % 512) % 512))
        }
        try await writer.write([UInt8](repeating: 0, count: 1024))
    }

    /// One 512-byte header; mode 0644, no owner, time 0, so that equal models give equal bytes.
    static func header(path: String, size: Int) throws(HoneError) -> [UInt8] {
        guard path.utf8.count <= 100 else {
            throw HoneError(.internalError, "the name \(path) is too long for a tar")
        }
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        put(path, at: 0)
        put("0000644\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        putSize(size, into: &block)
        put("00000000000\0", at: 136)
        put("        0", at: 148)
        put("ustar\u{0}00", at: 257)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + "\0 ", at: 148)
        return block
    }

    private static func putSize(_ size: Int, into block: inout [UInt8]) {
        if size < 1 << 33 {
            for (index, byte) in octal(size, digits: 11).utf8.enumerated() {
                block[124 + index] = byte
            }
            return
        }
        block[124] = 0x80
        for index in 0..<8 { block[135 - index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
