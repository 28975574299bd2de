"""CL302 and CL303: prefixes that depend on the user, or on many tests."""

from __future__ import annotations

from textwrap import dedent

import pytest

from cachelint.analysis import analyze_sources

PREAMBLE = """\
from pathlib import Path
import anthropic
client = anthropic.Anthropic()
GUIDE = Path("guide.md").read_text()
CACHED = {"type": "ephemeral"}
SEARCH = {"name": "search", "description": "Search.", "input_schema": {"type": "object", "properties": {}}}
REFUND = {"name": "refund", "description": "Refund.", "input_schema": {"type": "object", "properties": {}}}

"""


def found(program: str) -> list[str]:
    """`CL302 tools.append(REFUND)`: code and line of each finding of these rules in a program behind the preamble."""
    text = PREAMBLE + dedent(program)
    lines = text.splitlines()
    findings = analyze_sources({"main.py": text}).findings
    return [f"{f.code} {lines[f.location.row - 1].strip()}" for f in findings if f.code in ("CL302", "CL303")]


TOOLS = """
def answer(user, config, messages):
    tools = {tools}
    return client.messages.create(
        model="m",
        max_tokens=9,
        tools=tools,
        system=[{{"type": "text", "text": GUIDE, "cache_control": CACHED}}],
        messages=messages,
    )
"""


@pytest.mark.parametrize(
    "tools",
    [
        "[SEARCH, REFUND] if user.is_agent else [SEARCH]",
        "[tool for tool in (SEARCH, REFUND) if tool['name'] in user.permissions]",
        "[SEARCH] + ([REFUND] if user.plan == 'team' else [])",
    ],
)
def test_tools_that_depend_on_the_user(tools: str) -> None:
    assert found(TOOLS.format(tools=tools)) == [f"CL302 tools = {tools}"]


@pytest.mark.parametrize(
    "tools",
    [
        "[SEARCH, REFUND]",
        "[SEARCH, REFUND] if config.refunds else [SEARCH]",
        "[tool for tool in (SEARCH, REFUND) if tool['name'] in config.enabled]",
    ],
)
def test_tools_that_depend_on_the_deployment_are_the_same_for_all_users(tools: str) -> None:
    assert found(TOOLS.format(tools=tools)) == []


def test_a_section_that_is_there_when_its_data_are_is_no_flag() -> None:
    program = """
    def answer(messages, rules, guide, notes):
        system = [{"type": "text", "text": GUIDE}]
        if rules:
            system.append({"type": "text", "text": rules})
        if guide:
            system.append({"type": "text", "text": guide})
        if notes:
            system.append({"type": "text", "text": notes})
        system[-1]["cache_control"] = CACHED
        return client.messages.create(model="m", max_tokens=9, system=system, messages=messages)
    """
    assert found(program) == []


def test_sections_that_flags_decide() -> None:
    program = """
    def answer(messages, *, brief, formal, citations):
        system = [{"type": "text", "text": GUIDE}]
        if brief:
            system.append({"type": "text", "text": "Answer in one sentence."})
        if formal:
            system.append({"type": "text", "text": "Be formal."})
        if citations:
            system.append({"type": "text", "text": "Cite the handbook."})
        system.append({"type": "text", "text": "Be kind.", "cache_control": CACHED})
        return client.messages.create(model="m", max_tokens=9, system=system, messages=messages)
    """
    assert found(program) == ['CL303 system.append({"type": "text", "text": "Be kind.", "cache_control": CACHED})']
