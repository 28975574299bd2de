"""CL7: what is wrong with code that computes with the counters of a `usage`, and what only looks like it."""

from __future__ import annotations

import pytest

from cachelint.analysis import analyze_sources
from cachelint.findings import Finding

CACHING = """\
import anthropic

client = anthropic.Anthropic()
SYSTEM = [{"type": "text", "text": open("guide.md").read(), "cache_control": {"type": "ephemeral"}}]


def ask(messages):
    return client.messages.create(model="claude-sonnet-5-5", max_tokens=99, system=SYSTEM, messages=messages)
"""
CALL = 'response = client.messages.create(model="claude-sonnet-5-5", max_tokens=99, messages=messages)'


def found(text: str, caching: str = CACHING) -> list[Finding]:
    """The CL7 findings of `text`, beside a module that caches."""
    findings = analyze_sources({"app/agent.py": caching, "app/meter.py": text}).findings
    return [finding for finding in findings if finding.code.startswith("CL7")]


def function(*lines: str, parameters: str = "usage, price, messages") -> str:
    return (
        f"import anthropic\nclient = anthropic.Anthropic()\ndef meter({parameters}):\n    "
        + "\n    ".join(lines)
        + "\n"
    )


WRONG = {
    "input alone": ("CL701", ["return usage.input_tokens * price"]),
    "input alone, through a name": ("CL701", ["spent = usage.input_tokens", "return spent / 1_000_000 * price.input"]),
    "input alone, of a dict": ("CL701", ['return usage["input_tokens"] * price']),
    "input alone, with a default": ("CL701", ['return (getattr(usage, "input_tokens", 0) or 0) * price']),
    "context from input": ("CL701", ["context_tokens = usage.input_tokens", "return context_tokens"]),
    "context from input and output": ("CL701", ["return (usage.input_tokens + usage.output_tokens) / context_window"]),
    "limit on input": ("CL701", ["if usage.input_tokens > 150_000:", "    compact()"]),
    "counter that may be None": ("CL701", [CALL, "return 1 + response.usage.cache_read_input_tokens"]),
    "counter that may be None, added": (
        "CL701",
        [CALL, "total = 0", "total += response.usage.cache_creation_input_tokens", "return total"],
    ),
    "counter that may be None, of a stream": (
        "CL701",
        [
            "with client.messages.stream(messages=messages) as stream:",
            "    message = stream.get_final_message()",
            "final_usage = message.usage",
            "return final_usage.cache_read_input_tokens / 2",
        ],
    ),
    "one price": ("CL702", ["return (usage.input_tokens + (usage.cache_read_input_tokens or 0)) * price"]),
    "one price for a name": (
        "CL702",
        ["total = usage.input_tokens + (usage.cache_read_input_tokens or 0)", "return total * price.input"],
    ),
    "one price as a number": (
        "CL702",
        ["return (usage['input_tokens'] + usage['cache_read_input_tokens']) * 3 / 1_000_000"],
    ),
    "one price for sum()": (
        "CL702",
        ["return sum([usage.input_tokens, usage.cache_read_input_tokens or 0]) * INPUT_COST_PER_TOKEN"],
    ),
    "subtraction": ("CL702", ["return usage.input_tokens - (usage.cache_read_input_tokens or 0)"]),
    "subtraction of both": (
        "CL702",
        [
            'written = usage.get("cache_creation_input_tokens", 0)',
            'return max(0, usage.get("input_tokens", 0) - usage.get("cache_read_input_tokens", 0) - written)',
        ],
    ),
    "stream, matched": (
        "CL702",
        [
            "total = 0",
            "for event in messages:",
            "    match event.type:",
            '        case "message_start":',
            "            total = event.message.usage.output_tokens",
            '        case "message_delta":',
            "            total += event.usage.output_tokens",
            "return total",
        ],
    ),
    "a tenth for reads": ("CL703", ["return (usage.cache_read_input_tokens or 0) * (price * 0.1)"]),
    "a tenth by name": ("CL703", ["return (usage.cache_read_input_tokens or 0) * TENTH * price"]),
    "a quarter more for writes": ("CL703", ["return price * 1.25 * (usage.cache_creation_input_tokens or 0)"]),
    "a price in the program": ("CL703", ["return (usage.cache_read_input_tokens or 0) * 0.30 / 1_000_000"]),
}


@pytest.mark.parametrize(("code", "lines"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_once(code: str, lines: list[str]) -> None:
    text = function(*lines, parameters="usage, price, messages, context_window=200_000")
    assert [finding.code for finding in found(text + "TENTH = 0.1\n")] == [code]


RIGHT = {
    "each at its own price": [
        "read = usage.cache_read_input_tokens or 0",
        "return usage.input_tokens * price.input + read * price.read",
    ],
    "the size of the prompt": ["return usage.input_tokens + (usage.cache_read_input_tokens or 0)"],
    "a share in percent": [
        "read = usage.cache_read_input_tokens or 0",
        "return read / (usage.input_tokens + read) * 100",
    ],
    "a counter that is tested": [
        CALL,
        "if response.usage.cache_read_input_tokens:",
        "    return 1 + response.usage.cache_read_input_tokens",
    ],
    "a counter that is caught": [
        CALL,
        "try:",
        "    return 1 + response.usage.cache_read_input_tokens",
        "except TypeError:",
        "    return 1",
    ],
    "a usage of the program's own": ["return 1 + totals.cache_read_input_tokens"],
    "output at its price": ["return usage.output_tokens * price"],
    "a log line": ['print(f"{usage.input_tokens} tokens")'],
    "a small limit": ["return usage.input_tokens > 0"],
    "the usage of another vendor": [
        "cached = usage.input_tokens_details.cached_tokens",
        "return (usage.input_tokens - (usage.cache_read_input_tokens or 0) - cached) * price",
    ],
    "both lifetimes": [
        "hour = usage.cache_creation.ephemeral_1h_input_tokens",
        "return ((usage.cache_creation_input_tokens or 0) - hour) * price * 1.25 + hour * price * 2",
    ],
    "the delta replaces the start": [
        "total = 0",
        "for event in messages:",
        '    if event.type == "message_start":',
        "        total = event.message.usage.output_tokens",
        '    elif event.type == "message_delta":',
        "        total = event.usage.output_tokens",
        "return total",
    ],
    "different counters of start and delta": [
        "fresh = sent = 0",
        "for event in messages:",
        '    if event.type == "message_start":',
        "        fresh += event.message.usage.input_tokens",
        '    elif event.type == "message_delta":',
        "        sent += event.usage.output_tokens",
        "return fresh, sent",
    ],
}


@pytest.mark.parametrize("lines", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_left_alone(lines: list[str]) -> None:
    assert found(function(*lines, parameters="usage, totals, price, messages")) == []


def test_input_alone_is_right_where_nothing_is_cached() -> None:
    text = function("return usage.input_tokens * price")
    assert found(text, caching=CACHING.replace(', "cache_control": {"type": "ephemeral"}', "")) == []


def test_another_program_of_the_repository_caches_for_itself() -> None:
    text = function("return usage.input_tokens * price")
    findings = analyze_sources({"app/agent.py": CACHING, "tool/meter.py": text}).findings
    assert [finding for finding in findings if finding.code == "CL701"] == []


def test_columns_count_characters() -> None:
    (finding,) = found(function("note = '🙂é'; return usage.input_tokens * price"))
    assert (finding.location.column, finding.location.end_column) == (25, 51)


def test_a_finding_names_its_line() -> None:
    (finding,) = found(function("return usage.input_tokens * price"))
    assert finding.context == "return usage.input_tokens * price"
    assert finding.location.row == 4
