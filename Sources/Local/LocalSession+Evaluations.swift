public import APITypes
public import Domain
import Scheduling

extension LocalSession {
    /// Does an evaluation; the same request as `POST /v1/evaluations`, and its `result`.
    ///
    /// - Parameters:
    ///   - request: What to evaluate.
    ///   - progress: Told after each unit of work how many are done, of how many.
    /// - Returns: What came of it.
    /// - Throws: Everything wrong with the request, and what the workers fail with.
    public func evaluate(
        _ request: EvaluationsRequest,
        progress: @escaping @Sendable (Int, Int) async -> Void
    ) async throws(HoneError) -> Value {
        try await control.evaluate(request.order, progress: progress).value()
    }
}
