"""Every function in the source tables is recognised: a prompt that holds its result gets the code of its rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cachelint.analysis import analyze_sources
from cachelint.rulebook import Rule, Source, rulebook

RULES = [rule for rule in rulebook() if rule.sources]
HEAD = """import io
import anthropic
{imports}
client = anthropic.Anthropic()
GUIDE = open("guide.md").read()

"""
SEND = [
    'system = [{"type": "text", "text": f"{GUIDE} {text}", "cache_control": {"type": "ephemeral"}}]',
    'return client.messages.create(model="claude-sonnet-5-5", max_tokens=64, system=system, messages=messages)',
]
SEND_TOOLS = [
    'tools = [{"name": value, "description": GUIDE, "input_schema": {"type": "object"}} for value in values]',
    'system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]',
    'return client.messages.create(model="m", max_tokens=64, tools=tools, system=system, messages=messages)',
]
ARGUMENTS = {
    "one-argument": '"%H"',
    "not-number": '"text"',
    "unordered-sql": '"SELECT name FROM policy"',
    "always": "thing",
    "unseeded": "thing",
    "undated": "thing",
    "vector": 'thing, format="pdf"',
}

OBJECTS = {"retriever", "vectorstore", "memory"}
"""First parts of names that are variables, not packages."""


def expression(name: str, source: Source) -> str:
    """An expression that reads or calls `name`, in a way that counts."""
    spelled = name.removeprefix("builtins.")
    if source.how == "environment":
        return f'os.environ["{spelled.replace("*", "GITHUB")}"]'
    if spelled.startswith("*."):
        spelled = "thing" + spelled[1:]
    spelled = spelled.replace(".*.", ".part.").replace("*", "more")
    if source.how != "called":
        return spelled
    condition, _, detail = source.when.partition(":")
    if condition == "keyword":
        key, _, value = detail.partition("=")
        return f'{spelled.removesuffix("()")}({key}="{value}")(thing)'
    if condition == "argument":
        return f'{spelled}("{detail.split(",")[0]}")'
    return f"{spelled}({ARGUMENTS.get(condition, '')})"


def function(number: int, name: str, source: Source, tools: bool) -> str:
    """A function whose prompt holds what `name` gives; the line that counts is marked with the name."""
    value = expression(name, source)
    first = name.split(".")[0]
    parameter = value if source.how == "named" else first if first in OBJECTS else "thing"
    if source.result == "argument" and source.varies == "order":
        lines = ['values = ["b", "a"]', f"{value.replace('(thing)', '(values)')}  # {name}", 'text = ", ".join(values)']
    elif source.result == "argument":
        lines = [
            "values = io.BytesIO()",
            f"{value.replace('(thing', '(values')}  # {name}",
            "text = values.getvalue()",
        ]
    elif source.varies == "order":
        lines = [f"values = {value}  # {name}", 'text = ", ".join(values)']
    else:
        lines = [f"text = {value}  # {name}"]
    lines += SEND_TOOLS if tools else [f"{line}  # {name}" for line in SEND] if source.how == "named" else SEND
    body = "\n    ".join(lines)
    return f"def ask_{number}({parameter}, messages):  # {name}\n    {body}\n"


def programs(rule: Rule) -> Iterator[tuple[str, str]]:
    """Name, and a program that uses it: one per function of the tables of `rule`."""
    number = 0
    for source in rule.sources:
        for name in source.functions:
            number += 1
            yield name, function(number, name, source, tools=rule.code == "CL203")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_name_of_the_tables_is_recognised(rule: Rule) -> None:
    names, functions = zip(*programs(rule), strict=True)
    packages = {"os"} | {name.split(".")[0].strip("*()") for name in names if "." in name} - {"builtins", ""}
    imports = "\n".join(f"import {package}" for package in sorted(packages - OBJECTS))
    text = "\n\n".join([HEAD.format(imports=imports), *functions])
    lines = text.splitlines()
    found = {
        lines[finding.location.row - 1].partition("  # ")[2]
        for finding in analyze_sources({"main.py": text}).findings
        if finding.code == rule.code
    }
    assert [name for name in names if name not in found] == []
