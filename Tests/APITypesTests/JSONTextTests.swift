import APITypes
import Domain
import Foundation
import Testing

@Suite struct JSONTextTests {
    @Test func `a value survives text in both forms`() throws {
        let value: Value = [
            "a": [1, -2.5, "ü\n\"\u{1}😀", true, .null], "b": ["c": .integer(.max)], "d/e": [:],
        ]
        for pretty in [false, true] {
            let text = JSONText.data(value, pretty: pretty)
            #expect(try JSONText.value(text, source: "the test") == value)
        }
        #expect(JSONText.text(["b": 1, "a/x": 2]) == #"{"a/x":2,"b":1}"#)
    }

    @Test func `numbers that are not finite become null`() {
        #expect(JSONText.text([.number(.nan), .number(.infinity), 1]) == "[null,null,1]")
        #expect(throws: HoneError.self) { try JSONText.encode(["x": Double.nan]) }
    }

    @Test func `a syntax error names the place`() {
        do {
            _ = try JSONText.value(Data("{\"a\": 1,\n \"b\": }".utf8), source: "spec.json")
            Issue.record("was accepted")
        } catch {
            #expect(error.code == .invalidRequest)
            #expect(error.message.hasPrefix("spec.json is not valid JSON"))
            #expect(error.message.contains("line 2"))
        }
    }

    @Test(arguments: [
        "", "{", "[1,]", "nul", "{\"a\":1}x", "\"\\ud800\"", "1e999", "\u{0}", "01", "-", "1.",
        "\"\t\"", "{\"a\":1,\"a\":2}", "'a'",
    ])
    func `hostile text is an error and never a trap`(text: String) {
        #expect(throws: HoneError.self) { try JSONText.value(Data(text.utf8), source: "it") }
    }

    @Test func `absurd nesting is refused`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: HoneError.self) { try JSONText.value(Data(text.utf8), source: "it") }
    }
}

extension JSONTextTests {
    @Test func `escapes are read as their characters`() throws {
        let text = Data(#"["\u00fc\ud83d\ude00\/\b", 1e2, -0, 9223372036854775808]"#.utf8)
        let value = try JSONText.value(text, source: "it")
        #expect(value == ["ü😀/\u{8}", 100.0, 0, .number(9_223_372_036_854_775_808)])
    }
}
