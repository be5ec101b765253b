/// Writes reply heads and chunk frames as bytes (RFC 9112 §4, §7.1).
enum ResponseEncoder {
    /// What a reply's head depends on beside the reply.
    struct Context {
        var requestID: String
        var minorVersion: Int
        var keepsAlive: Bool
        var framing: BodyFraming
        /// `date: …CRLF`, made once a second.
        var dateLine: [UInt8]
    }

    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)

    static func appendHead(
        _ response: HTTPResponse,
        _ context: Context,
        to output: inout [UInt8]
    ) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        appendDecimal(response.status.rawValue, to: &output)
        output.append(0x20)
        output.append(contentsOf: response.status.reason.utf8)
        output.append(contentsOf: "\r\n".utf8)
        for field in response.headers.fields where !isServers(field.name) {
            appendField(field.name, field.value, to: &output)
        }
        output.append(contentsOf: context.dateLine)
        appendField("x-request-id", context.requestID, to: &output)
        switch context.framing {
        case .none, .untilClose: break
        case .length(let length):
            output.append(contentsOf: "content-length: ".utf8)
            appendDecimal(length, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        case .chunked: output.append(contentsOf: "transfer-encoding: chunked\r\n".utf8)
        }
        if !context.keepsAlive {
            output.append(contentsOf: "connection: close\r\n".utf8)
        } else if context.minorVersion == 0 {
            output.append(contentsOf: "connection: keep-alive\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    static func appendChunkHead(_ length: Int, to output: inout [UInt8]) {
        output.append(contentsOf: String(length, radix: 16).utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    static func appendField(_ name: String, _ value: String, to output: inout [UInt8]) {
        appendClean(name, to: &output)
        output.append(contentsOf: ": ".utf8)
        appendClean(value, to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func isServers(_ name: String) -> Bool {
        switch name {
        case "content-length", "transfer-encoding", "connection", "date", "x-request-id": true
        default: false
        }
    }

    /// Control characters become spaces: a handler's text can never split a reply.
    private static func appendClean(_ text: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: text.utf8)
        for index in start..<output.count where !ByteClass.isFieldValue(output[index]) {
            output[index] = 0x20
        }
    }

    static func appendDecimal(_ number: Int, to output: inout [UInt8]) {
        output.append(contentsOf: String(number).utf8)
    }
}
