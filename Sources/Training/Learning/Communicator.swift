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
    /// The only process there is.
    public init() {}
    /// Always 0.
    public var rank: Int { 0 }
    /// Always 1.
    public var size: Int { 1 }
    /// Leaves the tensor as it is: a sum over one process.
    public func sum(_ tensor: Tensor) {}
    /// Returns the numbers as they are: sums over one process.
    public func sum(_ numbers: [Double]) -> [Double] { numbers }
}
