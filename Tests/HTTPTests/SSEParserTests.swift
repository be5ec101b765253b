import Testing

@testable import HTTP

@Test func `every cut of a stream gives the same events`() throws {
    let stream = bytes(
        "\u{FEFF}: comment\nretry: 250\nid: 1\nevent: tick\ndata: a\ndata: b\n\n"
            + "data:x\r\n\r\nid\rdata: y\r\rdata: incomplete"
    )
    let expected = [
        ServerSentEvent(data: "a\nb", event: "tick", id: "1", retryMilliseconds: 250),
        ServerSentEvent(data: "x", id: "1", retryMilliseconds: 250),
        ServerSentEvent(data: "y", retryMilliseconds: 250),
    ]
    for cut in 0...stream.count {
        var parser = SSEParser()
        let events =
            try parser.consume(Array(stream[..<cut])) + parser.consume(Array(stream[cut...]))
        #expect(events == expected)
    }
}

@Test(arguments: ["one", "two\nlines", "cr\r\nlf", "", "\n", " leading", "é"])
func `an encoded event is read back`(data: String) throws {
    var parser = SSEParser()
    let event = ServerSentEvent(data: data, event: "e", id: "9")
    let read = try parser.consume(event.encoded)
    #expect(read.map(\.data) == [data.replacing("\r\n", with: "\n")])
    #expect(read.first?.event == "e")
    #expect(parser.lastEventID == "9")
}

@Test func `a line break cannot smuggle a field into an event`() throws {
    var parser = SSEParser()
    let read = try parser.consume(
        ServerSentEvent(data: "x", event: "a\ndata: evil", id: "1\r2").encoded
    )
    #expect(read == [ServerSentEvent(data: "x", event: "a data: evil", id: "1 2")])
}

@Test func `an endless event is refused`() {
    var parser = SSEParser(maxEventBytes: 100)
    #expect(throws: HTTPClientError.tooLong(limit: 100)) {
        try parser.consume(bytes("data: " + String(repeating: "x", count: 200)))
    }
}
