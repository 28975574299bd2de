"""A record says where its prompt departs from the one that it continues, and what stands there."""

from __future__ import annotations

import logging
from typing import Any

import anthropic
import pytest

import cachelint

MODEL = "claude-opus-4-8"
RULES = "Answer in one sentence. " * 400
EPHEMERAL = {"type": "ephemeral"}


def ask(client: anthropic.Anthropic, question: str = "Hello", system: Any = RULES, **more: Any) -> None:
    """One request with a cached system prompt, always from the same line."""
    blocks = [{"type": "text", "text": system, "cache_control": EPHEMERAL}] if isinstance(system, str) else system
    prompt = {"model": MODEL, "max_tokens": 9, "system": blocks, "messages": [{"role": "user", "content": question}]}
    client.messages.create(**{**prompt, **more})


def tool(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "input_schema": {"type": "object", **schema}}


def turns(*texts: str) -> list[dict[str, Any]]:
    """A conversation, the user first."""
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


def divergences(records: Any) -> list[Any]:
    return [record.get("divergence") for record in records()]


def test_a_clock_in_the_system_prompt(client: anthropic.Anthropic, records: Any) -> None:
    ask(client, "One", f"Today is 2026-11-23T16:00:00Z. {RULES}")
    ask(client, "Two", f"Today is 2026-11-23T16:00:07Z. {RULES}")

    first, second = divergences(records)
    usage = records()[1]["usage"]
    at_risk = second.pop("tokens_at_risk")
    assert first is None
    assert second == {
        "tier": "system",
        "position": "system[0]",
        "offset": 27,
        "change": "text",
        "before": "timestamp",
        "after": "timestamp",
    }
    assert usage["cache_read_input_tokens"] == 0
    assert at_risk == pytest.approx(usage["cache_creation_input_tokens"], rel=0.02)


@pytest.mark.parametrize(
    ("before", "after", "looks"),
    [
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 9f3e4567-e89b-12d3-a456-426614174000", "uuid"),
        ("at 1795449600", "at 1795449733", "epoch"),
        ("in /tmp/run-1a/work", "in /tmp/run-2b/work", "path"),
        ("commit 9f8e7d6c5b", "commit 9f8e7d1122", "hex"),
        ("42 files", "43 files", "number"),
        ("Alice asks", "Bob asks", "word"),
    ],
)
def test_what_the_differing_text_looks_like(
    before: str, after: str, looks: str, client: anthropic.Anthropic, records: Any
) -> None:
    ask(client, "One", f"{RULES}{before}")
    ask(client, "Two", f"{RULES}{after}")
    assert (divergences(records)[1]["before"], divergences(records)[1]["after"]) == (looks, looks)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("Tags: red, green, blue", "Tags: blue, red, green", "reordered-items"),
        ("a\nb\nc", "c\na\nb", "reordered-lines"),
        ("one  two", "one two", "whitespace"),
    ],
)
def test_how_a_text_changed(before: str, after: str, change: str, client: anthropic.Anthropic, records: Any) -> None:
    ask(client, "One", f"{RULES}\n{before}")
    ask(client, "Two", f"{RULES}\n{after}")
    assert divergences(records)[1]["change"] == change


@pytest.mark.parametrize(
    ("before", "after", "change", "position"),
    [
        ([tool("a"), tool("b")], [tool("b"), tool("a")], "reordered-tools", "tools[0]"),
        ([tool("a")], [tool("a"), tool("b")], "added-tools", "tools[1]"),
        ([tool("a"), tool("b")], [tool("a")], "removed-tools", "tools[1]"),
        (
            [tool("a", properties={"x": {}, "y": {}})],
            [tool("a", properties={"y": {}, "x": {}})],
            "reordered-keys",
            "tools[0]",
        ),
        ([tool("a", required=["x", "y"])], [tool("a", required=["y", "x"])], "reordered-items", "tools[0]"),
        ([tool("a", description="12 files")], [tool("a", description="13 files")], "value", "tools[0]"),
    ],
)
def test_how_tools_changed(
    before: Any, after: Any, change: str, position: str, client: anthropic.Anthropic, records: Any
) -> None:
    ask(client, "One", tools=before)
    ask(client, "Two", tools=after)
    found = divergences(records)[1]
    assert (found["tier"], found["change"], found["position"]) == ("tools", change, position)


def test_an_edited_history(client: anthropic.Anthropic, records: Any) -> None:
    ask(client, messages=turns("Hi", "Hello, it is 4:05 PM.", "And?"), cache_control=EPHEMERAL)
    ask(client, messages=turns("Hi", "Hello, it is 4:06 PM.", "And?", "Nothing.", "Oh."), cache_control=EPHEMERAL)

    first, second = records()
    assert first["session"] == second["session"]
    assert second["divergence"]["position"] == "messages[1].content[0]"
    assert (second["divergence"]["before"], second["divergence"]["after"]) == ("time", "time")


def test_a_history_that_loses_its_start(client: anthropic.Anthropic, records: Any) -> None:
    history = ["Hi", "Hello", "And?", "Nothing", "Oh"]
    ask(client, messages=turns(*history), cache_control=EPHEMERAL)
    ask(client, messages=turns(*history[2:], "So it is", "Bye", "Bye", "?"), cache_control=EPHEMERAL)

    assert divergences(records)[1]["change"] == "history-shifted"
    assert records()[0]["session"] == records()[1]["session"]


def test_a_conversation_that_grows_has_one_session_and_no_divergence(client: anthropic.Anthropic, records: Any) -> None:
    history = ["Hi"]
    for _ in range(5):
        ask(client, messages=turns(*history), cache_control=EPHEMERAL)
        history += ["Yes", "More"]

    assert divergences(records) == [None] * 5
    assert len({record["session"] for record in records()}) == 1


def test_conversations_that_start_alike_are_told_apart(client: anthropic.Anthropic, records: Any) -> None:
    one, other = ["Hi", "Hello", "Sell me a car"], ["Hi", "Hello", "Tell me a joke"]
    for _ in range(3):
        ask(client, messages=turns(*one), cache_control=EPHEMERAL)
        ask(client, messages=turns(*other), cache_control=EPHEMERAL)
        one += ["Which?", "Red"]
        other += ["Knock knock", "Who is there?"]

    assert divergences(records) == [None] * 6
    assert len({record["session"] for record in records()[::2]}) == 1
    assert len({record["session"] for record in records()[1::2]}) == 1
    assert len({record["session"] for record in records()}) == 2


@pytest.mark.parametrize(
    "second",
    [
        {"question": "Another question"},
        {"max_tokens": 100, "metadata": {"user_id": "u2"}, "stop_sequences": ["x"]},
        {"system": "A wholly different prompt for another task. " * 200},
    ],
    ids=["another question", "what is not part of the prompt", "another prompt"],
)
def test_what_is_no_divergence(second: dict[str, Any], client: anthropic.Anthropic, records: Any) -> None:
    ask(client)
    ask(client, **second)
    assert divergences(records) == [None, None]


def test_moving_a_breakpoint_is_no_divergence(client: anthropic.Anthropic, records: Any) -> None:
    def said(text: str, *, marked: bool) -> dict[str, Any]:
        return {"type": "text", "text": text, **({"cache_control": EPHEMERAL} if marked else {})}

    first = [{"role": "user", "content": [said("Hi", marked=True)]}]
    second = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": [said("And?", marked=True)]},
    ]
    ask(client, messages=first)
    ask(client, messages=second)
    assert divergences(records) == [None, None]
    assert records()[0]["fingerprints"]["messages"][0] == records()[1]["fingerprints"]["messages"][0]


def test_what_stands_behind_the_last_breakpoint_may_change(client: anthropic.Anthropic, records: Any) -> None:
    stable = {"type": "text", "text": RULES, "cache_control": EPHEMERAL}
    for clock in ("16:00", "16:01"):
        ask(client, system=[stable, {"type": "text", "text": f"It is {clock}."}])
    assert divergences(records) == [None, None]


def test_a_helper_that_sends_several_prompts_is_not_blamed(client: anthropic.Anthropic, records: Any) -> None:
    prompts = [f"You are {who}. {RULES}" for who in ("a poet", "a lawyer", "a cook")]
    for prompt in prompts * 3:
        ask(client, prompt[:20], prompt)
    # Each is new once, and looks like a changed version of the one before; after that all are known.
    assert divergences(records)[3:] == [None] * 6


def test_a_named_session_is_kept_apart(client: anthropic.Anthropic, records: Any) -> None:
    for name in ("ticket 1", "ticket 2"):
        with cachelint.session(name):
            ask(client, "Hi", f"For {name}. {RULES}")
    assert [(record["session"], record.get("divergence")) for record in records()] == [
        ("ticket 1", None),
        ("ticket 2", None),
    ]


def test_each_call_site_is_warned_about_once(
    client: anthropic.Anthropic, caplog: pytest.LogCaptureFixture, records: Any
) -> None:
    for second in range(3):
        ask(client, f"Question {second}", f"It is 16:00:0{second}. {RULES}")

    site = records()[0]["call_site"]
    at_risk = records()[1]["divergence"]["tokens_at_risk"]
    assert [(record.name, record.levelno) for record in caplog.records if record.name == "cachelint"] == [
        ("cachelint", logging.WARNING)
    ]
    assert caplog.messages[-1] == (
        f"{site} breaks the cache of its own prompt: system[0] differs from the request before, at byte 13, "
        f"where there is a time. About {at_risk} tokens that were cached cannot be read. "
        "(Said once for each call site.)"
    )
