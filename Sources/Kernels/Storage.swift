import Glibc

/// A 64-byte aligned block of elements that tensors are views into.
///
/// `@unchecked Sendable`: the block itself has no state but its elements, and the owner of a model
/// hands disjoint rows to threads and never reads what another thread is writing.
public final class Storage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    /// Number of elements.
    public let count: Int
    /// Whether it is a view of a read-only mapping.
    public let isMapped: Bool
    private let release: () -> Void

    /// Fresh memory, zeroed by the system on first touch.
    public init(count: Int) {
        let bytes = max(64, (count * MemoryLayout<Element>.stride + 63) / 64 * 64)
        // Anonymous pages are aligned, zero and given back at once when the storage dies.
        let raw = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let raw, raw != MAP_FAILED else {
            preconditionFailure("no memory for \(bytes) bytes; admission should have refused")
        }
        madvise(raw, bytes, MADV_HUGEPAGE)
        base = raw.bindMemory(to: Element.self, capacity: count)
        self.count = count
        isMapped = false
        let meter = StorageMeter.current
        meter?.add(bytes)
        release = {
            munmap(raw, bytes)
            meter?.add(-bytes)
        }
    }

    /// A view of memory that someone else keeps alive: a mapped weight file.
    ///
    /// It is never written to.
    ///
    /// - Parameters:
    ///   - bytes: memory aligned for `Element`.
    ///   - owner: kept until the storage dies.
    public init(mapped bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        count = bytes.count / MemoryLayout<Element>.stride
        guard let start = bytes.baseAddress,
            UInt(bitPattern: start) % UInt(MemoryLayout<Element>.alignment) == 0
        else { preconditionFailure("mapped weights must be aligned") }
        base = UnsafeMutableRawPointer(mutating: start)
            .bindMemory(to: Element.self, capacity: count)
        isMapped = true
        release = { withExtendedLifetime(owner) {} }
    }

    deinit { release() }

    /// Lets a mapping's resident pages go; the system reads them again when they are touched.
    ///
    /// Memory of one's own is left alone: its contents are nowhere else.
    public func unload() {
        if isMapped { givePagesBack() }
    }

    /// Gives the memory of a block of one's own back: its elements are 0 until they are written again.
    public func discard() {
        if !isMapped { givePagesBack() }
    }

    /// The pages that the block lies in; it shares them with nobody, or with the rest of a file.
    private func givePagesBack() {
        let page = UInt(getpagesize())
        let start = UInt(bitPattern: base) & ~(page - 1)
        let end = UInt(bitPattern: base + count)
        guard end > start else { return }
        madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_DONTNEED)
    }
}
