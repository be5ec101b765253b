public import Foundation

extension Date {
    /// Whole seconds since 1970, as public objects tell times.
    public var unixSeconds: Int { Int(exactly: timeIntervalSince1970.rounded(.down)) ?? 0 }
}
