"""What the API answers with 400, row by row, against the simulated API; and what it takes without a word."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from cachelint.testing import ApiServer

SHORT, LONG = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
ASKED = {"role": "user", "content": "hello"}
TOOL = {"name": "search", "input_schema": {"type": "object"}}
LATER = {**TOOL, "name": "later", "defer_loading": True}


def text(control: Any = None, words: str = "x") -> dict[str, Any]:
    return {"type": "text", "text": words, **({"cache_control": control} if control else {})}


def answered(*content: Any, result: Any = None) -> dict[str, Any]:
    """A conversation in which the model has said this, and got this result."""
    said = [ASKED, {"role": "assistant", "content": [*content]}]
    return {"messages": [*said, {"role": "user", "content": [result]} if result else ASKED]}


def with_result(*content: Any) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "t", "name": "search", "input": {}}
    return {
        "tools": [TOOL],
        **answered(call, result={"type": "tool_result", "tool_use_id": "t", "content": [*content]}),
    }


ADVICE = {"type": "advisor_tool_result", "tool_use_id": "s", "content": {"type": "advisor_result", "text": "x"}}

REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "five breakpoints": ({"system": [text(SHORT)] * 5}, "A maximum of 4 blocks"),
    "automatic beside four": ({"system": [text(SHORT)] * 4, "cache_control": SHORT}, "no breakpoint is left"),
    "automatic with another TTL": (
        {"messages": [{"role": "user", "content": [text(LONG)]}], "cache_control": SHORT},
        "another ttl",
    ),
    "one hour after five minutes": ({"system": [text(SHORT), text(LONG)]}, "must not come after a ttl='5m'"),
    "an empty text": ({"system": [text(SHORT, "")]}, "an empty text block"),
    "a thinking block": (
        answered({"type": "thinking", "thinking": "h", "signature": "s", "cache_control": SHORT}, text()),
        "a thinking block",
    ),
    "a deferred tool": ({"tools": [TOOL, {**LATER, "cache_control": SHORT}]}, "a tool with defer_loading"),
    "a redacted thinking block": (
        answered({"type": "redacted_thinking", "data": "h", "cache_control": SHORT}, text()),
        "a redacted_thinking block",
    ),
    "a citation": (
        answered({**text(), "citations": [{"type": "char_location", "cache_control": SHORT}]}),
        r"messages.1.content.0.citations.0.cache_control: Extra inputs",
    ),
    "inside a document": (
        answered({"type": "document", "source": {"type": "content", "content": [text(SHORT), text()]}}),
        "only be set on the last block",
    ),
    "a system message for one turn": (
        {"messages": [ASKED, {"role": "system", "content": [text(SHORT)], "clear_at": "next_user_message"}]},
        "a system message with clear_at",
    ),
    "a member of a toolset": (
        {"tools": [TOOL, {"type": "computer_toolset_20260801", "configs": {"zoom": {"cache_control": SHORT}}}]},
        "tools.1.configs.zoom.cache_control: Extra inputs",
    ),
    "on a message instead of a block": (
        {"messages": [{**ASKED, "cache_control": SHORT}]},
        "messages.0.cache_control: Extra inputs",
    ),
    "a forced tool with manual thinking": (
        {
            "model": "claude-opus-4-5",
            "tools": [TOOL],
            "tool_choice": {"type": "tool", "name": "search"},
            "thinking": {"type": "enabled", "budget_tokens": 1024},
        },
        "cannot be combined with manual thinking",
    ),
    "inside a result": (with_result(text(SHORT), text()), "only be set on the last block"),
    "another TTL": ({"system": [text({**SHORT, "ttl": "2h"})]}, "Input should be '5m' or '1h'"),
    "another type": ({"system": [text({"type": "forever"})]}, "Input should be 'ephemeral'"),
    "pre-warming a stream": ({"max_tokens": 0, "stream": True}, "cannot be used with stream"),
    "pre-warming with thinking": (
        {"max_tokens": 0, "thinking": {"type": "enabled", "budget_tokens": 1024}},
        "cannot be used with thinking",
    ),
    "pre-warming with a format": (
        {"max_tokens": 0, "output_config": {"format": {"type": "json_schema", "schema": {}}}},
        "cannot be used with output_config.format",
    ),
    "pre-warming with a forced tool": (
        {"max_tokens": 0, "tools": [TOOL], "tool_choice": {"type": "any"}},
        "cannot be used with tool_choice",
    ),
    "a system message on a model without": (
        {"model": "claude-sonnet-5", "messages": [ASKED, {"role": "system", "content": "s"}]},
        "a system message cannot stand here",
    ),
    "a system message first": ({"messages": [{"role": "system", "content": "s"}, ASKED]}, "cannot stand here"),
    "all tools deferred": ({"tools": [LATER]}, "at least one tool must not have defer_loading"),
    "a tool that is gone": (
        with_result({"type": "tool_reference", "tool_name": "gone"}),
        "tool_reference to gone, which is not among the tools",
    ),
    "an advisor that is gone": (answered(ADVICE), "the advisor is not among the tools"),
    "a region of an older model": ({"model": "claude-sonnet-4-5", "inference_geo": "us"}, "inference_geo"),
    "fast mode where there is none": ({"model": "claude-opus-4-7", "extra_body": {"speed": "fast"}}, "fast mode"),
    **{
        f"a thread with {name}": ({"extra_body": {"thread": {"type": "create"}, name: value}}, f"combined with {name}")
        for name, value in {
            "cache_control": SHORT,
            "context_management": {"edits": []},
            "fallbacks": "default",
            "thinking": {"type": "adaptive"},
        }.items()
    },
    **{
        f"a forced tool on {model}": (
            {"model": model, "tools": [TOOL], "tool_choice": {"type": "any"}},
            "does not support forced tool use",
        )
        for model in ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-1")
    },
}

ACCEPTED: dict[str, dict[str, Any]] = {
    "no breakpoint": {},
    "four breakpoints": {"system": [text(SHORT)] * 4},
    "automatic, and the same by hand": {
        "messages": [{"role": "user", "content": [text(SHORT)]}],
        "cache_control": SHORT,
    },
    "one hour before five minutes": {"system": [text(LONG), text(SHORT)]},
    "the last block of a result": with_result(text(), text(SHORT)),
    "a prefix below the minimum": {"system": [text(SHORT)]},
    "pre-warming": {"max_tokens": 0, "system": [text(SHORT)]},
    "an empty last block under automatic caching": {
        "messages": [{"role": "user", "content": [text(), text(words="")]}],
        "cache_control": SHORT,
    },
    "a system message for one turn under automatic caching": {
        "messages": [ASKED, {"role": "system", "content": "s", "clear_at": "next_user_message"}],
        "cache_control": SHORT,
    },
    "fast mode on Opus 4.6": {"model": "claude-opus-4-6", "extra_body": {"speed": "fast"}},
    "an advisor that stays": {"tools": [{"type": "advisor_20260301", "name": "advisor"}], **answered(ADVICE)},
    "nothing that automatic caching could mark": {
        **answered({"type": "thinking", "thinking": "h", "signature": "s"}),
        "cache_control": SHORT,
    },
}


@pytest.fixture(scope="module")
def client() -> Iterator[anthropic.Anthropic]:
    """A client of the simulated API, which no test here leaves a trace in."""
    with ApiServer() as server, anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=0) as client:
        yield client


def ask(client: anthropic.Anthropic, request: dict[str, Any]) -> Any:
    return client.messages.create(**{"model": "claude-opus-5", "max_tokens": 9, "messages": [ASKED], **request})


@pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")
@pytest.mark.parametrize(("request_", "sentence"), REJECTED.values(), ids=REJECTED.keys())
def test_what_is_rejected(client: anthropic.Anthropic, request_: dict[str, Any], sentence: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=sentence):
        ask(client, request_)


@pytest.mark.parametrize("request_", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_taken_without_a_word(client: anthropic.Anthropic, request_: dict[str, Any]) -> None:
    assert ask(client, request_).type == "message"
