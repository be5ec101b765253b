import APITypes
import Domain
import Foundation
import TestSupport
import Testing

/// Whatever text a client sends, it is a value or a `HoneError`; a trap would end the test run.
@Suite struct JSONFuzzTests {
    @Test func `damaged JSON is a value that can be written and read again, or an error`() throws {
        let text =
            #"{"a":[1,-0.5e+3,true,null,"\u00e9\ud83D\uDE00\n"],"b":{"c":{},"d":[]},"é":1e308}"#
        let words = [
            "[[[[[[[[", "{\"a\":", "\"", "\\u", "\\ud800", "1e999", "-", "0x", "NaN", "\u{FEFF}",
            ",", "nul", "99999999999999999999",
        ]
        var refused = 0
        for bytes in Mutations(of: text.utf8, count: 5000, seed: 4, words: words) {
            do {
                let value = try JSONText.value(Data(bytes), source: "body")
                // -5e2 comes back as the integer that it is; from then on nothing changes.
                let once = try JSONText.value(JSONText.data(value), source: "body")
                let twice = try JSONText.value(JSONText.data(once), source: "body")
                #expect(once == twice)
            } catch {
                refused += 1
            }
        }
        #expect((1000..<5000).contains(refused))
    }
}
