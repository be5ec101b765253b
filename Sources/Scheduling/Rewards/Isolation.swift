import Domain

/// Keeps what a worker refuses one text for from the others that were asked with it.
enum Isolation {
    /// Errors that are about a text, and not about the worker or the model.
    private static let ofItems: Set<ErrorCode> = [.promptTooLong, .invalidData, .invalidRequest]

    /// Asks for all at once; when the worker refuses, for each half, down to the texts it is about.
    ///
    /// `isOfItems` tells whether an error is about a text; by its code unless said.
    static func answers<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        isOfItems: (HoneError) -> Bool = { ofItems.contains($0.code) },
        ask: ([Item]) async throws(HoneError) -> [Answer]
    ) async throws(HoneError) -> [Result<Answer, HoneError>] {
        guard !items.isEmpty else { return [] }
        do throws(HoneError) {
            return try await ask(items).map { .success($0) }
        } catch  where isOfItems(error) {
            guard items.count > 1 else { return [.failure(error)] }
            let middle = items.count / 2
            let first = try await answers(
                Array(items[..<middle]),
                isOfItems: isOfItems,
                ask: ask
            )
            let second = try await answers(
                Array(items[middle...]),
                isOfItems: isOfItems,
                ask: ask
            )
            return first + second
        }
    }
}
