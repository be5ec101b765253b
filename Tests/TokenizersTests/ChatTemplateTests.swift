import Domain
import Foundation
import Testing
import Tokenizers

@Suite struct ChatTemplateTests {
    /// Noon in Greenwich: the same day nearly everywhere.
    private static let now = Date(timeIntervalSince1970: 1_699_963_200)

    private func render(_ template: String, _ messages: [ChatMessage] = []) throws -> String {
        try ChatTemplate(template).render(
            messages: messages,
            addGenerationPrompt: true,
            now: Self.now
        )
    }

    @Test func `renders models' templates as the reference library does`() throws {
        let templates = try Fixture.lines("templates.jsonl", of: Fixture.TemplateCase.self)
        let conversations = try Fixture.lines(
            "template-conversations.jsonl",
            of: Fixture.Conversation.self
        )
        #expect(templates.count >= 40 && conversations.count >= 18)
        for template in templates {
            #expect(template.results.count == conversations.count)
            let parsed = try ChatTemplate(template.template)
            for (place, (result, line)) in zip(template.results, conversations).enumerated() {
                let rendered = try? parsed.render(
                    conversation: line.messages,
                    addGenerationPrompt: line.add_generation_prompt,
                    bosToken: "<s>",
                    eosToken: "</s>",
                    variables: line.variables,
                    now: Self.now
                )
                #expect(rendered == result, "\(template.name), conversation \(place)")
            }
        }
    }

    @Test func `runs the constructs of the language as Jinja does`() throws {
        let lines = try Fixture.lines("template-language.jsonl", of: Fixture.Construct.self)
        let variables = try #require(lines.first?.variables)
        #expect(lines.count > 80)
        for line in lines.dropFirst() {
            let template = try #require(line.template)
            let rendered = try? ChatTemplate(template).render(
                conversation: [],
                addGenerationPrompt: false,
                bosToken: "<s>",
                eosToken: "</s>",
                variables: variables,
                now: Self.now
            )
            #expect(rendered == line.result, "\(template)")
        }
    }

    @Test(arguments: [
        ("a\n{% include 'x' %}", "'include'", 2), ("{{ 1 | shuffle }}", "'shuffle'", 1),
        ("\n\n{{ 1 is prime }}", "'prime'", 3), ("{{ lipsum() }}", "'lipsum'", 1),
        ("{% if true %}\n{{ [].append(1) }}{% endif %}", "'append'", 2),
        ("{{ 'a'.encode() }}", "'encode'", 1), ("{% import 'x' as y %}", "'import'", 1),
        ("{% macro f() %}\n{{ 1 / 0 }}{% endmacro %}\n{{ f() }}", "divides by zero", 2),
        ("x\n{{ 'a' | upper(1) }}", "'upper'", 2), ("{{ a.b }}", "'a'", 1),
        ("{% break %}", "'break'", 1),
    ])
    func `names what it does not know, and the line`(
        template: String,
        name: String,
        line: Int
    ) {
        let error = Fixture.error { _ = try render(template) }
        #expect(error?.code == .invalidModelFile)
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasSuffix("(line \(line))") == true, "\(error?.message ?? "")")
    }

    @Test func `is itself again after an error within macros`() {
        let template =
            "{% macro f(x) %}{% for i in x %}{{ g(i) }}{% endfor %}{% endmacro %}"
            + "{% macro g(x) %}{% set y %}{{ 1 + '' }}{% endset %}{% endmacro %}{{ f([[1]]) }}"
        #expect(Fixture.error { _ = try render(template) }?.code == .invalidModelFile)
    }

    @Test func `passes on the message of raise_exception`() {
        let error = Fixture.error {
            _ = try render("{{ raise_exception('roles must alternate') }}")
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains("roles must alternate") == true)
    }

    @Test func `tells the time it is given`() throws {
        #expect(try render("{{ strftime_now('%Y-%m %b %B') }}") == "2023-11 Nov November")
    }

    @Test func `sees further variables`() throws {
        let text = try ChatTemplate("{{ tools[0].name }}{{ think is true }}").render(
            messages: [],
            addGenerationPrompt: false,
            variables: ["tools": [["name": "f"]], "think": true]
        )
        #expect(text == "fTrue")
    }

    @Test(arguments: [
        "{{", "{% if %}", "{% if x %}", "{% for x %}{% endfor %}", "{{ 1 + }}", "{% nosuch %}",
        "{{ 'a }}", "{# a", "{% endif %}", "{{ a b }}", "{{ ) }}", "{% raw %}", "{% set %}", "{%",
        "{{ $ }}",
        "{{ a[1:2:3:4] }}", "{% macro %}",
    ])
    func `refuses templates that are not well formed`(template: String) {
        let error = Fixture.error { _ = try ChatTemplate(template) }
        #expect(error?.code == .invalidModelFile)
        #expect(error?.param == "chat_template")
    }

    @Test(arguments: [
        "{{ x.y }}", "{{ 1 + 'a' }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}", "{{ 9223372036854775807 + 1 }}",
        "{{ nosuch() }}", "{{ 1|nosuch }}", "{{ 1 is nosuch }}", "{{ 'a'.nosuch() }}",
        "{% for a, b in [1] %}{% endfor %}", "{{ 'a'.split('') }}", "{{ [1][::0] }}",
        "{{ '{'.format() }}", "{{ '%' % 1 }}", "{{ 'x'.partition('') }}", "{{ [1]|groupby }}",
        "{{ ''.join([1]) }}", "{{ f(*1) }}", "{{ dict([1]) }}", "{{ '\\ud800' }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ range(1000000000000) }}", "{% set a.b = 1 %}",
    ])
    func `refuses what cannot be run`(template: String) {
        let error = Fixture.error { _ = try render(template) }
        #expect(error?.code == .invalidModelFile)
    }

    @Test(arguments: [
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{% set n = namespace(s='aaaaaaaa') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s=[1]) %}{% for i in range(50) %}{% set n.s = [n.s, n.s] %}{% endfor %}"
            + "{{ n.s|tojson }}",
        "{% set n = namespace(s=[1]) %}{% for i in range(9999) %}{% set n.s = [n.s] %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ 'a' * 9223372036854775807 }}",
        "{{ ('a' * 9000000).replace('a', 'b' * 9000000) }}",
        "{% set n = namespace() %}{% set n.s = n %}",
        "{{ range(0, -9223372036854775807 - 1, -1) }}",
        "{% macro f(g) %}{% macro h() %}{% endmacro %}{{ f(h) }}{% endmacro %}{{ f(1) }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{{ '%99999d' % 1 }}",
        "{% set n = namespace() %}{% macro f() %}{% endmacro %}{% set n.f = f %}",
        "{{ 'a'.ljust(9223372036854775807) }}", "{{ '\t'.expandtabs(9223372036854775807) }}",
        "{{ [1] * 9223372036854775807 }}", "{{ [1] | batch(9223372036854775807, 0) | list }}",
        "{{ 'a' | indent(9223372036854775807, true) }}", "{{ 'a' | center(9223372036854775807) }}",
        "{{ [1] | slice(9223372036854775807) | list }}",
        "{{ 'ab'.replace('', 'b' * 9000000) * 9 }}",
    ])
    func `stops hostile templates`(template: String) {
        let error = Fixture.error { _ = try render(template) }
        #expect(error?.code == .invalidModelFile)
    }

    @Test(arguments: [
        String(repeating: "{% if 1 %}{% for i in [1] %}", count: 45) + "{{ f() }}"
            + String(repeating: "{% endfor %}{% endif %}", count: 45),
        "{{ f()" + String(repeating: "~1", count: 320) + " }}",
        "{{ " + String(repeating: "[", count: 30) + "f()" + String(repeating: "]", count: 30)
            + " }}",
    ])
    func `stops depth that macros multiply, on a small stack`(body: String) async {
        let template = "{% macro f() %}\(body){% endmacro %}{{ f() }}"
        let error = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(
                    returning: Fixture.error {
                        _ = try ChatTemplate(template).render(
                            conversation: [],
                            addGenerationPrompt: false
                        )
                    }
                )
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        #expect(error?.code == .invalidModelFile)
    }

    @Test func `refuses nesting that would exhaust the stack`() {
        let deep = String(repeating: "(", count: 10_000)
        let long = "1" + String(repeating: "+1", count: 10_000)
        let blocks = String(repeating: "{% if 1 %}", count: 10_000)
        let negations = String(repeating: "not ", count: 10_000)
        for template in ["{{ \(deep) }}", "{{ \(long) }}", blocks, "{{ \(negations) 1 }}"] {
            #expect(Fixture.error { _ = try ChatTemplate(template) }?.code == .invalidModelFile)
        }
    }
}
