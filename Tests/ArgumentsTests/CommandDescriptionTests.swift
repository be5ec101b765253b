import Arguments
import Testing

@Suite struct CommandDescriptionTests {
    private let command = CommandDescription(
        "hone generate",
        "Draws completions.",
        operands: [OperandDescription("PROMPT", isRepeated: true)],
        options: [
            .value("model", "M", "The model."), .value("n", "N", "Completions."),
            .value("temperature", "T", "Temperature."), .flag("json", "Write JSON."),
        ],
        example: "hone generate --model smol 'Once upon'"
    )

    private func message(_ arguments: [String]) -> String {
        do {
            _ = try command.parse(arguments)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `values come after a space or an equals sign`() throws {
        let parsed = try command.parse(["--model", "a", "hi", "--n=3", "--json", "there"])
        #expect(parsed["model"] == "a")
        #expect(try parsed.integer("n", in: 1...9) == 3)
        #expect(parsed.has("json"))
        #expect(parsed.operands == ["hi", "there"])
        #expect(try command.parse(["--model=a=b", "x"])["model"] == "a=b")
    }

    @Test func `a double dash ends the options`() throws {
        let parsed = try command.parse(["--", "--json", "-h"])
        #expect(parsed.operands == ["--json", "-h"])
        #expect(!parsed.has("json"))
        #expect(!parsed.wantsHelp)
    }

    @Test func `an unknown option names the nearest`() {
        #expect(message(["--modle", "a", "p"]).contains("did you mean --model?"))
        #expect(message(["--zzzzzzzz", "p"]).contains("unknown option --zzzzzzzz\n"))
        #expect(message(["-x", "p"]).contains("unknown option -x"))
    }

    @Test func `missing and surplus words are named`() {
        #expect(message([]).contains("PROMPT is missing"))
        #expect(message(["p", "--model"]).contains("--model needs a value"))
        #expect(message(["p", "--json=1"]).contains("--json takes no value"))
        let none = CommandDescription("hone runs", "Lists.", example: "hone runs")
        #expect(throws: UsageError.self) { try none.parse(["x"]) }
    }

    @Test func `numbers out of range say the range`() throws {
        let parsed = try command.parse(["p", "--n", "0", "--temperature", "nan"])
        #expect(throws: UsageError.self) { try parsed.integer("n", in: 1...9) }
        #expect(throws: UsageError.self) { try parsed.number("temperature", in: 0...10) }
        #expect(throws: UsageError.self) { try parsed.required("model") }
        #expect(throws: UsageError.self) { try parsed.choice("n", of: ["hf"]) }
    }

    @Test func `help has every option and the example`() throws {
        #expect(try command.parse(["--help", "--nonsense"]).wantsHelp)
        #expect(command.help.contains("--temperature T"))
        #expect(command.help.contains("usage: hone generate PROMPT… [options]"))
        #expect(command.help.contains(command.example))
    }
}
