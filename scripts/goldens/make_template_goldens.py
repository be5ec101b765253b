#!/usr/bin/env python3
"""Writes Tests/TokenizersTests/Fixtures/template*.jsonl: chat templates and what Jinja makes of them.

    pip install jinja2==3.1.6
    pip download --no-deps trl==1.16.0 axolotl==0.19.0 transformers==4.43.4
    scripts/goldens/make_template_goldens.py FOLDER_OF_THE_WHEELS

The environment is the one of transformers' apply_chat_template: sandboxed and immutable, trim_blocks, lstrip_blocks,
loop controls, a generation tag, its tojson, raise_exception and strftime_now.

templates.jsonl: the models' templates, as the packages carry them, and those that the file has already and that no
package is the source of; "results" are in the order of template-conversations.jsonl, null where rendering fails.
template-language.jsonl: constructs of the language; lines of template-cases.txt beside this script, "\\n" is a line end.
Objects have their fields in order of their names everywhere, which is the order that Hone keeps.
"""

import ast
import datetime
import json
import pathlib
import sys
import zipfile

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = pathlib.Path(__file__).parents[2]
FIXTURES = ROOT / "Tests/TokenizersTests/Fixtures"
NOW = datetime.datetime.fromtimestamp(1_699_963_200, datetime.timezone.utc)

TRL = """cohere cohere2 deepseek_r1_distill deepseekv3 gemma gemma3 gemma4 glm4moe gptoss lfm2_2_5 llama3_training llama3_1
llama3_2 llava_next nemotron_3_nano phi3 phi3_5 qwen2_5_vl qwen3 qwen3_training qwen3_instruct_2507 qwen3_vl qwen3_5_think
smolvlm""".split()
AXOLOTL = """alpaca deepseek_v2 exaone4 falcon_h1 gemma3n jamba llama4 metharme mistral_v1 mistral_v2v3
mistral_v3_tekken mistral_v7_tekken phi_4""".split()


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)

    def _support(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


ENVIRONMENT = environment()


def render(template, variables):
    standard = {"messages": [], "add_generation_prompt": False, "tools": None, "documents": None}
    try:
        text = ENVIRONMENT.from_string(template).render(
            **{**standard, "bos_token": "<s>", "eos_token": "</s>", **variables}
        )
        text.encode()
        return text
    except Exception:
        return None


def ordered(value):
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


def turn(role, content, **further):
    return ordered({"role": role, "content": content, **further})


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "Where, e.g. \"Bern\""},
                "unit": {"type": "string", "enum": ["C", "F"]},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["place"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}}


def call(number, name, arguments):
    return {"id": f"call{number:05}", "type": "function", "function": {"name": name, "arguments": arguments}}


def conversations():
    system, hi = turn("system", "Be brief."), turn("user", "Hi")
    ask = turn("user", "Weather in Bern?")
    called = turn("assistant", "", tool_calls=[call(1, "weather", {"place": "Zürich <&>", "days": [1, 2]})])
    told = turn("tool", "{\"t\": 21.5}", name="weather", tool_call_id="call00001")
    both = turn(
        "assistant", "Let me see.", tool_calls=[call(1, "weather", {"place": "Bern"}), call(2, "clock", {})]
    )
    thought = turn("assistant", "4", reasoning_content="Two and two.")
    found = [
        ([hi], True, {}),
        ([system, hi], True, {}),
        ([system, hi, turn("assistant", "Hello."), turn("user", "More?")], True, {}),
        ([hi, turn("assistant", "Hello.")], False, {}),
        ([turn("assistant", "First"), hi], True, {}),
        ([hi, turn("user", "Anyone?")], False, {}),
        ([system], True, {}),
        ([turn("user", "  Grüße, 世界! 👩‍👩‍👧 <|im_end|>{{ x }}\n\n\ttab ")], True, {}),
        ([turn("system", ""), turn("user", ""), turn("assistant", ""), turn("user", "")], True, {}),
        ([], True, {}),
        ([turn("narrator", "It rains."), hi], True, {}),
        ([turn("user", [{"type": "text", "text": "One. "}, {"type": "text", "text": "Two."}])], True, {}),
        ([ask], True, {"tools": [WEATHER]}),
        ([system, ask, called, told], True, {"tools": [WEATHER, CLOCK]}),
        ([ask, both, told, turn("tool", "12:00", name="clock", tool_call_id="call00002"), turn("assistant", "21.5")],
         False, {"tools": [WEATHER, CLOCK]}),
        ([hi], True, {"enable_thinking": False}),
        ([turn("user", "2+2?"), thought, turn("user", "And 3?")], True, {"enable_thinking": True}),
        ([turn("user", "2+2?"), turn("assistant", "<think>\nEasy.\n</think>\n\n4"), hi], True, {}),
    ]
    return [
        ordered({"messages": messages, "add_generation_prompt": prompt, "variables": variables})
        for messages, prompt, variables in found
    ]


def wheel(folder, name):
    return zipfile.ZipFile(next(folder.glob(name + "-*.whl")))


def defaults(source, index, replacing):
    """The strings in `default_chat_template` of an old tokenizer, from its source."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    function = next(node for node in functions if node.name == "default_chat_template")
    texts = [
        node.value.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    text = texts[index]
    for old, new in replacing.items():
        text = text.replace(old, new)
    return text


def templates(folder):
    trl, axolotl, old = (wheel(folder, name) for name in ("trl", "axolotl", "transformers"))
    found = {name: trl.read(f"trl/chat_templates/{name}.jinja").decode() for name in TRL}
    for name in AXOLOTL:
        found[name] = axolotl.read(f"axolotl/utils/chat_templates/templates/{name}.jinja").decode()
    plain = {"USE_DEFAULT_PROMPT": "false", "DEFAULT_SYSTEM_MESSAGE": "Be kind."}
    llama = old.read("transformers/models/llama/tokenization_llama.py").decode()
    found["llama2"] = defaults(llama, 0, plain)
    return found


def lines(values):
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def main():
    file = FIXTURES / "templates.jsonl"
    own = {line["name"]: line["template"] for line in map(json.loads, file.read_text().splitlines())}
    all_templates = {**own, **templates(pathlib.Path(sys.argv[1]))}
    cases = conversations()
    (FIXTURES / "template-conversations.jsonl").write_text(lines(cases))
    written = []
    for name, template in all_templates.items():
        results = [
            render(template, {**{k: v for k, v in case.items() if k != "variables"}, **case["variables"]})
            for case in cases
        ]
        if not any(results):
            raise SystemExit(f"{name} renders nothing")
        written.append({"name": name, "template": template, "results": results})
    file.write_text(lines(written))
    constructs = (pathlib.Path(__file__).parent / "template-cases.txt").read_text().splitlines()
    variables = ordered({
        "s": "Hello, Wörld! ", "e": "", "n": 3, "f": 2.5, "t": True, "z": None, "l": [3, 1, 2],
        "w": ["b", "A", "c", "a"], "d": {"a": 1, "b": [1, 2], "c": {"x": "y"}, "items": 9},
        "o": [{"k": "x", "v": 2}, {"k": "Y", "v": 1}, {"k": "x"}], "q": "it's \"q\" \\ \t<b>é\U0001F600",
        "m": "one\n  two\r\n\nthree\n",
    })
    found = [{"variables": variables}]
    for line in constructs:
        template = line.replace("\\n", "\n")
        found.append({"template": template, "result": render(template, variables)})
    (FIXTURES / "template-language.jsonl").write_text(lines(found))


if __name__ == "__main__":
    main()
