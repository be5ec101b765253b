import Synchronization

/// Something that is done at most once.
final class OneTime: Sendable {
    private let work: Mutex<(@Sendable () -> Void)?>

    init(_ work: @escaping @Sendable () -> Void) { self.work = Mutex(work) }

    func perform() {
        let taken = work.withLock { work in
            defer { work = nil }
            return work
        }
        taken?()
    }
}
