"""Which fixes are offered, which of them as safe, and where none is: the cases that decide."""

from __future__ import annotations

import pytest
from fixed_programs import program

PROGRAM = """\
import json
import os
import random
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import anthropic
import orjson
from shelf import names_of

client = anthropic.Anthropic()
GUIDE = Path("guide.md").read_text()
NAMES = {{"ash", "elm"}}


def bullets(items):
    return "\\n".join(f"- {{item}}" for item in items)


def answer(messages, words: list[str], things, table, schema: dict, data: dict, **options):
    lines = [GUIDE]
    {lines}
    system = [{{"type": "text", "text": "\\n".join(lines), "cache_control": {{"type": "ephemeral"}}}}]
    return client.messages.create(model="claude-sonnet-5-5", max_tokens=99, system=system, messages=messages)
"""

SETS = {
    "constants": ('lines += sorted(NAMES) + list({"b", "a"})', "safe", 'sorted({"b", "a"})'),
    "joined": ('lines.append(", ".join(set(things)))', "safe", '", ".join(sorted(set(things)))'),
    "of strings by annotation": ("lines += [*set(words)]", "safe", "[*sorted(set(words))]"),
    "of strings by method": ("lines += [*{each.strip() for each in things}]", "safe", None),
    "of strings by union": ('lines += list(set(words) | {"x"})', "safe", 'sorted(set(words) | {"x"})'),
    "of strings by intersection": ('lines += list({"x"} & set(things))', "safe", 'sorted({"x"} & set(things))'),
    "of the module": ("for name in NAMES:\n        lines.append(name)", "safe", "for name in sorted(NAMES):"),
    "of anything": ("lines += [str(each) for each in set(things)]", "unsafe", "sorted(set(things), key=str)"),
    "of mixed constants": ('lines += [str(each) for each in {1, "a"}]', "unsafe", 'sorted({1, "a"}, key=str)'),
    "of strings and more": (
        "found = set(words)\n    found.update(things)\n    lines += [str(each) for each in found]",
        "unsafe",
        "sorted(found, key=str)",
    ),
    "passed to a function that others may call": ("lines.append(bullets(set(words)))", "unsafe", "bullets(sorted("),
    "rendered as it is": ("lines.append(f'{set(words)}')", None, None),
    "added": ("lines += set(words)", "safe", "lines += sorted(set(words))"),
    "mapped": ("lines += map(str, set(things))", "unsafe", "map(str, sorted(set(things), key=str))"),
    "two at once": ("lines += [a for a, _ in zip(set(words), things)]", None, None),
    "listed": ("lines += os.listdir('notes')", "safe", "lines += sorted(os.listdir('notes'))"),
    "listed and looped over": ("lines += [name for name in os.listdir('notes')]", "safe", "in sorted(os.listdir"),
    "entry points of a group": (
        "lines += [each.name for each in entry_points(group='shop')]",
        "safe",
        "sorted(entry_points(group='shop'), key=lambda entry: entry.name)",
    ),
    "entry points of all groups": ("lines += [str(each) for each in entry_points()]", None, None),
    "walked": ("lines += [str(names) for _, _, names in os.walk('notes')]", None, None),
}


@pytest.mark.parametrize(("line", "kind", "expected"), SETS.values(), ids=SETS)
def test_an_order_is_sorted_where_it_is_sure_what_is_sorted(line: str, kind: str | None, expected: str | None) -> None:
    assert_offered(line, kind, expected)


OTHERS = {
    "json with options": ("lines.append(json.dumps(data, **options))", None, None),
    "json of a schema": ("lines.append(json.dumps(schema))", None, None),
    "json that is stored as a schema": ("input_schema = json.dumps(data)\n    lines.append(input_schema)", None, None),
    "json": ("lines.append(json.dumps(data))", "unsafe", "json.dumps(data, sort_keys=True)"),
    "json over lines": (
        "lines.append(json.dumps(\n        data,  # all of it\n        indent=2,\n    ))",
        "unsafe",
        "data,  # all of it\n        indent=2, sort_keys=True,\n",
    ),
    "orjson": ("lines.append(orjson.dumps(data).decode())", "unsafe", "option=orjson.OPT_SORT_KEYS"),
    "orjson with an option": ("lines.append(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())", None, None),
    "a draw": ("lines += random.sample(words, 2)", "unsafe", "random.Random(0).sample(words, 2)"),
    "a draw of the system": ("lines.append(str(random.SystemRandom().random()))", None, None),
    "a command": ("lines.append(subprocess.check_output(['date'], text=True))", None, None),
}


@pytest.mark.parametrize(("line", "kind", "expected"), OTHERS.values(), ids=OTHERS)
def test_other_fixes(line: str, kind: str | None, expected: str | None) -> None:
    assert_offered(line, kind, expected)


def assert_offered(line: str, kind: str | None, expected: str | None) -> None:
    before = program(PROGRAM.format(lines=line))
    offered = before.offered()
    assert {("safe" if each.fix.safe else "unsafe") for each in offered if each.fix} == ({kind} if kind else set())
    if kind:
        fixed = before.fixed()
        assert fixed.applied
        assert before.after(fixed).offered() == []
        assert (expected or "") in fixed.texts["main.py"]


def test_tools_of_which_one_carries_a_marker_are_not_sorted() -> None:
    text = """\
import anthropic

client = anthropic.AsyncAnthropic()


async def answer(messages, session):
    found = await session.list_tools()
    tools = [{"name": tool.name, "description": "", "input_schema": tool.inputSchema} for tool in found.tools]
    tools.append({"name": "last", "description": "", "input_schema": {}, "cache_control": {"type": "ephemeral"}})
    return await client.messages.create(model="claude-sonnet-5-5", max_tokens=9, tools=tools, messages=messages)
"""
    before = program(text)
    assert [finding.code for finding in before.findings() if finding.code == "CL203"] == ["CL203"]
    assert before.offered() == []
