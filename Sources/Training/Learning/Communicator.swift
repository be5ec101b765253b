public import Kernels

/// What the processes of a data-parallel learner tell each other: sums, nothing else.
public protocol Communicator: Sendable {
    /// This process's place, from 0.
    var rank: Int { get }
    /// How many processes share the step.
    var size: Int { get }
    /// Replaces each element by its sum over all processes.
    func sum(_ tensor: Tensor)
    /// Sums of plain numbers over all processes.
    func sum(_ numbers: [Double]) -> [Double]
}

/// A learner of one process.
public struct LocalCommunicator: Communicator {
    public init() {}
    public var rank: Int { 0 }
    public var size: Int { 1 }
    public func sum(_ tensor: Tensor) {}
    public func sum(_ numbers: [Double]) -> [Double] { numbers }
}
