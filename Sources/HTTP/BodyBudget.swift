import Synchronization

/// The memory, or the disk, that the bodies of requests in work take together, so that many large
/// ones at once cannot take all there is.
final class BodyBudget: Sendable {
    /// Bodies up to this many bytes are not counted: the number of connections bounds them.
    static let free = 64 << 10

    /// A body's share, given back when nothing holds it any more.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let bytes: Mutex<Int>

        fileprivate init(_ budget: BodyBudget, _ bytes: Int) {
            self.budget = budget
            self.bytes = Mutex(bytes)
        }

        deinit { budget.taken.withLock { $0 -= bytes.withLock { $0 } } }

        /// Makes it large enough for a body of this many bytes; false when too little is left.
        func cover(_ count: Int) -> Bool {
            bytes.withLock { bytes in
                guard count > max(bytes, BodyBudget.free) else { return true }
                let wanted = max(count, budget.isMemory ? 2 * bytes : 0) - bytes
                guard budget.take(wanted) else { return false }
                bytes += wanted
                return true
            }
        }
    }

    private let limit: Int
    /// Whether what it counts grows in steps, as an array does.
    private let isMemory: Bool
    private let taken = Mutex(0)

    /// A budget of so many bytes of memory, or of disk.
    init(limit: Int, isMemory: Bool = true) {
        self.limit = limit
        self.isMemory = isMemory
    }

    /// An empty share for a body that will have this many bytes or more, `nil` without room for it.
    ///
    /// Only what has come is counted: who declares much and sends little takes little.
    func share(forBodyOf count: Int) -> Share? {
        let left = limit - taken.withLock { $0 }
        return count <= max(left, BodyBudget.free) ? Share(self, 0) : nil
    }

    private func take(_ count: Int) -> Bool {
        taken.withLock { taken in
            guard count <= limit - taken else { return false }
            taken += count
            return true
        }
    }
}
