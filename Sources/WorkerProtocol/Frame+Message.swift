public import Domain
import Foundation

/// Numbers outside JSON's range (a metric that is not a number) travel as these strings.
private let infinity = "Infinity"
private let negativeInfinity = "-Infinity"
private let notANumber = "NaN"

extension Frame {
    /// Encodes a message.
    /// - Throws: `.invalidRequest` when it is over the limits, `.internalError` when it has no JSON.
    public init(_ message: WorkerMessage) throws(HoneError) {
        let payload = Payload()
        let encoder = JSONEncoder()
        encoder.userInfo[.payload] = payload
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity,
            negativeInfinity: negativeInfinity,
            nan: notANumber
        )
        let head: Data
        do { head = try encoder.encode(message) } catch {
            throw HoneError(.internalError, "A worker message could not be encoded: \(error)")
        }
        try self.init(head: head, payload: payload.data)
    }

    /// Decodes the message.
    /// - Throws: `.internalError` when the head is not a message or its arrays lie outside the
    ///   payload.
    public func message() throws(HoneError) -> WorkerMessage {
        let decoder = JSONDecoder()
        decoder.userInfo[.payload] = Payload(payload)
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: infinity,
            negativeInfinity: negativeInfinity,
            nan: notANumber
        )
        do { return try decoder.decode(WorkerMessage.self, from: head) } catch {
            throw HoneError(.internalError, "A worker message could not be decoded: \(error)")
        }
    }
}
