import CLinux
import Glibc

extension Connection {
    /// Opens a regular file and gives its length; nil if it cannot be read, or is a link to another.
    func openFile(_ path: String) -> Int? {
        let mark = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = mark.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = mark.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        let descriptor = clinux_open_beneath(folder, name)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        file = OpenFile(descriptor: descriptor, remaining: Int(status.st_size))
        return Int(status.st_size)
    }

    /// Sends one slice of the file, so that other connections get their turn; false on failure, also
    /// when the file has become shorter than its announced length.
    func sendFile(now: UInt64) -> Bool {
        guard let open = file else { return true }
        let length = min(open.remaining, 512 * 1024)
        switch SystemCall.transfer({
            Int(clinux_sendfile(descriptor, open.descriptor, UInt64(length)))
        }) {
        case .moved(let count) where count > 0:
            machine.sentFile(count, now: now)
            file?.remaining -= count
            if open.remaining == count { closeFile() }
            return true
        case .wouldBlock: return true
        case .moved, .failed: return false
        }
    }
}
