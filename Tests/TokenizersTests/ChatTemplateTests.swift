import Domain
import Foundation
import Testing
import Tokenizers

@Suite struct ChatTemplateTests {
    private func render(_ template: String, _ messages: [ChatMessage] = []) throws -> String {
        try ChatTemplate(template).render(
            messages: messages,
            addGenerationPrompt: true,
            now: Date(timeIntervalSince1970: 1_700_000_000)
        )
    }

    @Test func `renders real templates as the reference library does`() throws {
        let templates = try Fixture.lines("templates.jsonl", of: Fixture.TemplateCase.self)
        #expect(templates.count >= 9)
        for template in templates {
            for line in template.cases {
                let result = try? ChatTemplate(template.template).render(
                    messages: line.messages,
                    addGenerationPrompt: line.add_generation_prompt,
                    bosToken: "<s>",
                    eosToken: "</s>"
                )
                #expect(result == line.result, "\(template.name)")
            }
        }
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
    ])
    func `stops hostile templates`(template: String) {
        let error = Fixture.error { _ = try render(template) }
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
