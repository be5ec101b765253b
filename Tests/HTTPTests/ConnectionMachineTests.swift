import Testing

@testable import HTTP

private func get(_ path: String, _ fields: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
}

@Test func `replies leave in the order of requests whatever order handlers end in`() {
    var bench = Bench()
    bench.receive(get("/a") + get("/b") + get("/c"))
    #expect(bench.waiting.map(\.request.path) == ["/a", "/b", "/c"])
    bench.answer(2, .text("third"))
    bench.answer(1, .text("second"))
    #expect(bench.text.isEmpty)
    bench.answer(0, .text("first"))
    let order = ["first", "second", "third"].compactMap {
        bench.text.firstRange(of: $0)?.lowerBound
    }
    #expect(order.count == 3 && order == order.sorted())
    #expect(!bench.isFinished)
}

@Test func `no more requests are taken than may be pipelined`() {
    var bench = Bench { $0.maxPipelined = 2 }
    bench.receive(get("/a") + get("/b") + get("/c"))
    #expect(bench.waiting.count == 2)
    #expect(!bench.machine.wantsInput)
    bench.answer(0, .text(""))
    #expect(bench.waiting.count == 3)
}

@Test func `the connection closes after the reply when the client asks for it`() {
    var bench = Bench()
    bench.receive(get("/a", "Connection: close\r\n") + get("/ignored"))
    #expect(bench.waiting.count == 1)
    bench.answer(0, .text("x"))
    #expect(bench.text.contains("connection: close"))
    #expect(bench.isFinished)
}

@Test func `HTTP 1.0 closes unless kept alive`() {
    var bench = Bench()
    bench.receive("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
    bench.answer(0, .text("x"))
    #expect(bench.text.contains("connection: keep-alive"))
    #expect(!bench.isFinished)
    bench.answer(1, .text("y"))
    #expect(bench.isFinished)
}

@Test func `a request before a broken one is answered and then the refusal`() {
    var bench = Bench()
    bench.receive(get("/a") + "NOT HTTP\r\n\r\n" + get("/b"))
    #expect(bench.text.isEmpty)
    bench.answer(0, .text("x"))
    #expect(bench.statuses == [200, 400])
    #expect(bench.isFinished)
    #expect(bench.waiting.count == 1)
}

@Test func `HEAD gets the headers of GET without the body`() {
    var bench = Bench()
    bench.receive("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n")
    bench.answer(0, .text("hello"))
    #expect(bench.text.contains("content-length: 5\r\n"))
    #expect(!bench.text.contains("hello"))
}

@Test func `204 has neither body nor length`() {
    var bench = Bench()
    bench.receive(get("/a"))
    bench.answer(0, HTTPResponse(204, body: .bytes(bytes("never"))))
    #expect(!bench.text.contains("content-length") && !bench.text.contains("never"))
}

private let expecting =
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"

@Test func `100 Continue is sent once, before the body`() {
    var bench = Bench()
    bench.receive(expecting)
    #expect(bench.text == "HTTP/1.1 100 Continue\r\n\r\n")
    bench.receive("hi")
    #expect(bench.waiting.first?.request.body == bytes("hi"))
    bench.answer(0, .text("x"))
    #expect(bench.statuses == [100, 200])
}

@Test func `100 Continue waits for the replies before it and is left out when the body is there`() {
    var bench = Bench()
    bench.receive(get("/a") + expecting)
    #expect(bench.text.isEmpty)
    bench.answer(0, .text("x"))
    #expect(bench.statuses == [200, 100])
    var hasty = Bench()
    hasty.receive(expecting + "h")
    #expect(hasty.text.isEmpty)
}

@Test func `a refused expectation gets its final status and no Continue`() {
    var bench = Bench()
    bench.receive(expecting.replacing("/a", with: "/not/there"))
    #expect(bench.statuses == [404])
    #expect(bench.isFinished)
}

@Test func `a route's own limit and its need of a body hold before the body comes`() {
    var long = Bench()
    long.receive("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")
    #expect(long.statuses == [413])
    #expect(long.isFinished)
    var missing = Bench()
    missing.receive("PUT /upload HTTP/1.1\r\nHost: h\r\n\r\n" + get("/a"))
    #expect(missing.statuses == [411])
    #expect(missing.waiting.count == 1)
}

@Test func `a refused request's short body is skipped and the connection lives on`() {
    var bench = Bench(admission: { head, _ in
        head.headers["authorization"] == nil ? .text("who?", status: 401) : nil
    })
    let body = "GET /smuggled HTTP/1.1\r\n\r\n"
    bench.receive(
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    )
    bench.receive(get("/b", "Authorization: x\r\n"))
    #expect(bench.statuses == [401])
    #expect(bench.waiting.map(\.request.path) == ["/b"])
}

@Test func `a sane request id is echoed and another is replaced`() {
    var bench = Bench()
    bench.receive(get("/a", "X-Request-Id: abc-1\r\n") + get("/b", "X-Request-Id: a b\r\n"))
    #expect(bench.waiting.map(\.request.id) == ["abc-1", "made"])
    bench.answer(0, .text(""))
    #expect(bench.text.contains("x-request-id: abc-1\r\n"))
}

@Test func `a handler's header value cannot split the reply`() {
    var bench = Bench()
    bench.receive(get("/a"))
    bench.answer(
        0,
        HTTPResponse(headers: ["x-a": "b\r\nset-cookie: evil", "content-length": "99"])
    )
    #expect(!bench.text.contains("\r\nset-cookie"))
    #expect(bench.text.contains("content-length: 0\r\n"))
    #expect(!bench.text.contains("99"))
}

@Test func `a stream is chunked in 1.1 and ends the connection in 1.0`() {
    var bench = Bench()
    bench.receive(get("/a"))
    bench.answer(0, HTTPResponse(body: .stream { _ in }))
    bench.machine.appendStream(bytes("hello"), now: 0)
    bench.machine.endStream(now: 0)
    bench.run()
    #expect(bench.streams == 1)
    #expect(bench.text.hasSuffix("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
    #expect(!bench.isFinished)
    var old = Bench()
    old.receive("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    old.answer(0, HTTPResponse(body: .stream { _ in }))
    old.machine.appendStream(bytes("hello"), now: 0)
    old.machine.endStream(now: 0)
    old.run()
    #expect(old.text.hasSuffix("connection: close\r\n\r\nhello"))
    #expect(old.isFinished)
}

@Test func `slowloris gets 408 however steadily it drips`() {
    var bench = Bench { $0.headerTimeout = .seconds(10) }
    for byte in "GET /a HTTP" {
        bench.receive(String(byte))
        if bench.pass(.seconds(1)) { Issue.record("closed without a reply") }
    }
    #expect(bench.statuses == [408])
    #expect(bench.isFinished)
}

@Test func `a body that stalls or drips for too long gets 408`() {
    let head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
    var stalled = Bench {
        $0.bodyIdleTimeout = .seconds(30)
        $0.bodyBytesPerSecond = 0
    }
    stalled.receive(head)
    _ = stalled.pass(.seconds(29))
    #expect(stalled.text.isEmpty)
    _ = stalled.pass(.seconds(1))
    #expect(stalled.statuses == [408])
    var dripping = Bench {
        $0.bodyTimeout = .seconds(100)
        $0.bodyBytesPerSecond = 0
    }
    dripping.receive(head)
    for _ in 0..<10 {
        dripping.receive("x")
        _ = dripping.pass(.seconds(10))
    }
    #expect(dripping.statuses == [408])
}

@Test func `an idle connection is closed silently and a busy one is not`() {
    var idle = Bench { $0.idleTimeout = .seconds(75) }
    idle.receive(get("/a"))
    idle.answer(0, .text("x"))
    let before = idle.text
    let early = idle.pass(.seconds(74))
    let late = idle.pass(.seconds(1))
    #expect(!early && late)
    #expect(idle.text == before)
    var busy = Bench { $0.idleTimeout = .seconds(75) }
    busy.receive(get("/a"))
    let closed = busy.pass(.seconds(100))
    #expect(!closed)
}

@Test func `a handler that takes too long is answered 503`() {
    var bench = Bench { $0.handlerTimeout = .seconds(5) }
    bench.receive(get("/a"))
    _ = bench.pass(.seconds(5))
    #expect(bench.statuses == [503])
    bench.answer(0, .text("late"))
    #expect(bench.statuses == [503])
}

@Test func `draining lets what has begun end and takes nothing new`() {
    var bench = Bench()
    bench.receive(get("/a") + get("/b"))
    bench.machine.beginDraining()
    bench.receive(get("/c"))
    bench.answer(0, .text("1"))
    #expect(!bench.isFinished)
    bench.answer(1, .text("2"))
    #expect(bench.statuses == [200, 200])
    #expect(bench.text.contains("connection: close"))
    #expect(bench.isFinished)
    var half = Bench()
    half.receive("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nh")
    half.machine.beginDraining()
    half.receive("i")
    half.answer(0, .text("x"))
    #expect(half.statuses == [200])
    #expect(half.isFinished)
}

@Test func `a client that ends its side still gets its replies`() {
    var bench = Bench()
    bench.receive(get("/a"))
    bench.machine.receiveEnd()
    bench.run()
    #expect(!bench.isFinished)
    bench.answer(0, .text("x"))
    #expect(bench.statuses == [200])
    #expect(bench.isFinished)
}

@Test func `a connection on which nothing comes gets 408 like one on which a head drips`() {
    var bench = Bench { $0.headerTimeout = .seconds(10) }
    _ = bench.pass(.seconds(9))
    bench.receive("GET /a")
    #expect(bench.text.isEmpty)
    _ = bench.pass(.seconds(1))
    #expect(bench.statuses == [408])
    #expect(bench.isFinished)
    var silent = Bench { $0.headerTimeout = .seconds(10) }
    _ = silent.pass(.seconds(10))
    #expect(silent.statuses == [408])
}

@Test func `a body must come at its pace in every stretch of time`() {
    let head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
    for (pace, isTaken) in [(1000, true), (999, false), (1, false)] {
        var bench = Bench()
        bench.receive(head)
        for _ in 0..<30 {
            bench.receive(String(repeating: "x", count: pace))
            _ = bench.pass(.seconds(1))
        }
        #expect(bench.statuses == (isTaken ? [] : [408]), "\(pace) bytes a second")
    }
    var hasty = Bench()
    hasty.receive(head)
    hasty.receive(String(repeating: "x", count: 500_000))
    _ = hasty.pass(.seconds(10))
    #expect(hasty.text.isEmpty)
    _ = hasty.pass(.seconds(10))
    #expect(hasty.statuses == [408])
}

@Test func `a request behind one that is long in work is not late`() {
    var bench = Bench()
    bench.receive(get("/a") + expecting)
    for _ in 0..<10 { _ = bench.pass(.seconds(60)) }
    bench.answer(0, .text("x"))
    #expect(bench.statuses == [200, 100])
    _ = bench.pass(.seconds(9))
    bench.receive("hi")
    #expect(bench.waiting.count == 2)
    var half = Bench()
    half.receive(get("/a") + "GET /b HT")
    for _ in 0..<10 { _ = half.pass(.seconds(60)) }
    half.answer(0, .text("x"))
    _ = half.pass(.seconds(9))
    half.receive("TP/1.1\r\nHost: h\r\n\r\n")
    #expect(half.waiting.count == 2)
}

@Test func `a malformed body of a refused request is told rather than the refusal`() {
    let head = "POST /not/there HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    var bench = Bench()
    bench.receive(head)
    #expect(bench.text.isEmpty)
    bench.receive("x\r\n")
    #expect(bench.statuses == [400])
    #expect(bench.isFinished)
    var good = Bench()
    good.receive(head + "1\r\nx\r\n0\r\n\r\n")
    #expect(good.statuses == [404])
    #expect(!good.isFinished)
    var long = Bench()
    long.receive(head + "20000\r\n")
    #expect(long.statuses == [404])
    #expect(long.isFinished)
    var stalled = Bench()
    stalled.receive(head)
    _ = stalled.pass(.seconds(10))
    #expect(stalled.statuses == [408])
}

@Test func `a reader that stands still is cut and one that reads a little is not`() {
    var bench = Bench { $0.writeTimeout = .seconds(30) }
    bench.isReading = false
    bench.receive(get("/a"))
    bench.answer(0, .text("x"))
    let early = bench.pass(.seconds(29))
    bench.machine.sent(1, now: bench.now)
    let later = bench.pass(.seconds(29))
    let last = bench.pass(.seconds(1))
    #expect(!early && !later && last)
}
