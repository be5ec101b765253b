import Testing
import Tokenizers

@Suite struct StopStringMatcherTests {
    private func run(_ stops: [String], _ parts: [String]) -> (text: String, matched: String?) {
        var matcher = StopStringMatcher(stops)
        let text = parts.map { matcher.append($0) }.joined() + matcher.finish()
        return (text, matcher.matched)
    }

    @Test func `finds a stop string across parts`() {
        let result = run(["\n\nUser:"], ["Yes.\n", "\nUs", "er: no", " more"])
        #expect(result.text == "Yes.")
        #expect(result.matched == "\n\nUser:")
    }

    @Test func `holds back only what may start a stop string`() {
        var matcher = StopStringMatcher(["END"])
        #expect(matcher.append("the EN") == "the ")
        #expect(matcher.append("ERGY E") == "ENERGY ")
        #expect(matcher.finish() == "E")
        #expect(matcher.matched == nil)
    }

    @Test func `takes the earliest of several`() {
        #expect(run(["cd", "bc"], ["abcd"]).text == "a")
        #expect(run(["abc", "b"], ["a", "b", "x"]).text == "a")
        #expect(run(["abc", "b"], ["a", "b"]).matched == "b")
    }

    @Test func `gives everything out without stop strings`() {
        #expect(run(["", ""], ["a", "b"]).text == "ab")
    }

    @Test func `finds stop strings that repeat themselves`() {
        #expect(run(["aab"], ["aaa", "ab"]).text == "aa")
    }
}
