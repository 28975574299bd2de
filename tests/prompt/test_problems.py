"""What the API rejects about caching in a request."""

from datetime import date
from typing import Any

import pytest

from cachelint.prompt import problems

CACHED = {"type": "ephemeral"}
CACHED_1H = {"type": "ephemeral", "ttl": "1h"}


def text(words: str, control: Any = CACHED) -> dict[str, Any]:
    return {"type": "text", "text": words, "cache_control": control}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def body(*content: Any, **parameters: Any) -> dict[str, Any]:
    return {"model": "claude-opus-5", "max_tokens": 100, "messages": [user(*content)], **parameters}


PLAIN = {"type": "text", "text": "hello"}
REJECTED = {
    "too-many-breakpoints": body(*[text("a")] * 5),
    "automatic-without-slot": body(*[text("a")] * 4, PLAIN, cache_control=CACHED),
    "automatic-ttl-mismatch": body(text("a"), cache_control=CACHED_1H),
    "ttl-order": body(text("a"), text("b", CACHED_1H)),
    "invalid-type": body(text("a", {"type": "persistent"})),
    "invalid-ttl": body(text("a", {"type": "ephemeral", "ttl": "10m"})),
    "inner-block": body({"type": "tool_result", "tool_use_id": "t", "content": [text("a"), PLAIN]}),
    "citation-marker": body({"type": "text", "text": "a", "citations": [{"cache_control": CACHED}]}),
    "message-level-marker": {"messages": [{"role": "user", "content": "a", "cache_control": CACHED}]},
    "all-tools-deferred": body(PLAIN, tools=[{"name": "t", "defer_loading": True}]),
    "toolset-member-marker": body(
        PLAIN, tools=[{"type": "computer_toolset", "configs": {"zoom": {"cache_control": CACHED}}}]
    ),
    "undefined-tool-reference": body(
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference", "tool_name": "gone"}]}
    ),
    "advisor-removed": body({"type": "advisor_tool_result", "tool_use_id": "s", "content": {}}),
    "prewarm-conflict": body(text("a"), max_tokens=0, stream=True),
    "forced-tool-choice": body(PLAIN, model="claude-opus-5-5", tool_choice={"type": "any"}),
    "geo-unsupported": body(PLAIN, model="claude-opus-4-5", inference_geo="us"),
    "fast-unsupported": body(PLAIN, model="claude-opus-4-7", speed="fast"),
    "system-message": {"model": "claude-sonnet-5", "messages": [user(PLAIN), {"role": "system", "content": "s"}]},
}


@pytest.mark.parametrize(("kind", "rejected"), REJECTED.items())
def test_each_of_these_requests_is_rejected_for_its_one_reason(kind: str, rejected: dict[str, Any]) -> None:
    assert [problem.kind for problem in problems(rejected, day=date(2026, 11, 23))] == [kind]


@pytest.mark.parametrize(
    "block",
    [
        text(""),
        {"type": "thinking", "thinking": "hm", "signature": "s", "cache_control": CACHED},
        {"type": "redacted_thinking", "data": "x", "cache_control": CACHED},
    ],
)
def test_blocks_that_cannot_be_marked(block: dict[str, Any]) -> None:
    assert [problem.kind for problem in problems(body(block))] == ["unmarkable-block"]


def test_a_deferred_tool_cannot_be_marked() -> None:
    tool = {"name": "t", "defer_loading": True, "cache_control": CACHED}
    [problem] = problems({"tools": [tool, {"name": "u"}], "messages": [user(PLAIN)]})
    assert problem.message == "tools[0].cache_control: cache_control cannot be set for a tool with defer_loading"


@pytest.mark.parametrize(
    "conflict",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"output_config": {"format": {"type": "json_schema", "schema": {}}}},
        {"tool_choice": {"type": "tool", "name": "t"}},
    ],
)
def test_a_prewarm_cannot_ask_for_a_particular_answer(conflict: dict[str, Any]) -> None:
    assert [problem.kind for problem in problems(body(PLAIN, max_tokens=0, **conflict))] == ["prewarm-conflict"]


def test_a_prewarm_cannot_stand_in_a_batch() -> None:
    assert [problem.kind for problem in problems(body(PLAIN, max_tokens=0), batch=True)] == ["prewarm-conflict"]


@pytest.mark.parametrize(
    "accepted",
    [
        body(*[text("a")] * 4),
        body(*[text("a")] * 3, PLAIN, cache_control=CACHED),
        body(text("a", CACHED_1H), text("b"), cache_control=CACHED),
        body({"type": "tool_result", "tool_use_id": "t", "content": [PLAIN, text("a")]}),
        body(text("a", None)),
        body(text("a"), max_tokens=0),
        body(PLAIN, model="claude-opus-4-6", speed="fast"),
        body(PLAIN, model="claude-opus-9", tool_choice={"type": "any"}, speed="fast", inference_geo="us"),
        {"model": "claude-opus-5", "messages": [user(PLAIN), {"role": "system", "content": "s"}]},
    ],
)
def test_these_are_accepted(accepted: dict[str, Any]) -> None:
    assert problems(accepted, day=date(2026, 11, 23)) == ()
