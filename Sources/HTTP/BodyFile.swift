import CLinux
import Glibc
import Synchronization

/// The beginning of a long request body, in a file that has no name: it is gone with its last
/// holder, or with the process.
public final class BodyFile: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var count = 0
    }

    private let folder: String
    private let state = Mutex(State())

    /// Nothing is opened before something is written; the folder is made when it is missing.
    init(folder: String) { self.folder = folder }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// The bytes written so far.
    public var count: Int { state.withLock { $0.count } }

    /// Adds bytes at the end; waits for the disk as write(2) does.
    ///
    /// - Throws: `HTTPServerError.system`; the file is of no use any more then.
    func append(_ bytes: [UInt8]) throws(HTTPServerError) {
        try state.withLock { (state) throws(HTTPServerError) in
            if state.descriptor < 0 {
                state.descriptor = try open()
            }
            var written = 0
            while written < bytes.count {
                let result = bytes.withUnsafeBytes { all in
                    let rest = UnsafeRawBufferPointer(rebasing: all[written...])
                    return SystemCall.transfer {
                        write(state.descriptor, rest.baseAddress, rest.count)
                    }
                }
                guard case .moved(let count) = result, count > 0 else {
                    if case .failed(let number) = result {
                        throw .system(call: "write", errno: number)
                    }
                    throw .system(call: "write", errno: EIO)
                }
                written += count
            }
            state.count += written
        }
    }

    private func open() throws(HTTPServerError) -> Int32 {
        let descriptor = clinux_open_unnamed(folder)
        if descriptor >= 0 { return descriptor }
        if errno == ENOENT { mkdir(folder, 0o700) }
        return try SystemCall.check("open") { clinux_open_unnamed(folder) }
    }

    /// Some of what was written.
    ///
    /// - Throws: `HTTPServerError.system`.
    func bytes(in range: Range<Int>) throws(HTTPServerError) -> [UInt8] {
        let descriptor = state.withLock { $0.descriptor }
        var failure: HTTPServerError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count, failure == nil {
                let place = filled
                let result = SystemCall.transfer {
                    pread(
                        descriptor,
                        buffer.baseAddress.map { $0 + place },
                        range.count - place,
                        range.lowerBound + place
                    )
                }
                switch result {
                case .moved(let count) where count > 0: filled += count
                case .failed(let number): failure = .system(call: "pread", errno: number)
                case .moved, .wouldBlock: failure = .system(call: "pread", errno: EIO)
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
