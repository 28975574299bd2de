"""What a change between two requests costs: the documented table, row by row, against the simulated cache.

Each request has a breakpoint at the end of its tools, its system and its messages, each tier 1,000 tokens long, so
that the tokens read tell which tiers survived.
"""

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from simulated_requests import usage

from cachelint.prompt import blocks
from cachelint.testing import MessagesApi, PromptCache

CACHED = {"type": "ephemeral"}
Body = dict[str, Any]

TOOL = {"name": "search", "description": "d", "input_schema": {"type": "object", "properties": {"a": {}, "b": {}}}}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.org/cat.png"}}


def document(citations: bool) -> Body:
    return {"type": "document", "source": {"type": "text", "data": "d"}, "citations": {"enabled": citations}}


def base() -> Body:
    return {
        "model": "claude-opus-5",
        "max_tokens": 100,
        "tools": [{**TOOL, "cache_control": CACHED}],
        "system": [{"type": "text", "text": "s", "cache_control": CACHED}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "m", "cache_control": CACHED}]}],
    }


def with_tool(change: Callable[[Body], Any]) -> Body:
    body = base()
    change(body["tools"][0])
    return body


def with_(**parameters: Any) -> Body:
    return {**base(), **parameters}


def with_messages(*content: Any) -> Body:
    return {**base(), "messages": [{"role": "user", "content": [*content, *base()["messages"][0]["content"]]}]}


def appended(*messages: Any) -> Body:
    return {**base(), "messages": [*base()["messages"], *messages]}


SCHEMA_REORDERED = {"type": "object", "properties": {"b": {}, "a": {}}}
ALL, TOOLS_AND_SYSTEM, TOOLS_ONLY, NOTHING = 3000, 2000, 1000, 0

TABLE: dict[str, tuple[Body, int]] = {
    "nothing": (base(), ALL),
    "tool renamed": (with_tool(lambda tool: tool.update(name="find")), NOTHING),
    "tool description": (with_tool(lambda tool: tool.update(description="e")), NOTHING),
    "tool schema reordered": (with_tool(lambda tool: tool.update(input_schema=SCHEMA_REORDERED)), NOTHING),
    "tool strict": (with_tool(lambda tool: tool.update(strict=True)), NOTHING),
    "tool added in front": (with_(tools=[{"name": "new"}, *base()["tools"]]), NOTHING),
    "tool removed": (with_(tools=[]), NOTHING),
    "model": (with_(model="claude-opus-5-5"), NOTHING),
    "speed": (with_(speed="fast"), TOOLS_ONLY),
    "web search added": (
        with_(tools=[*base()["tools"], {"type": "web_search_20250305", "name": "web_search"}]),
        TOOLS_ONLY,
    ),
    "citations": (with_messages(document(citations=True)), TOOLS_ONLY),
    "system text": (with_(system=[{"type": "text", "text": "t", "cache_control": CACHED}]), TOOLS_ONLY),
    "tool_choice": (with_(tool_choice={"type": "any"}), TOOLS_AND_SYSTEM),
    "parallel tools": (with_(tool_choice={"type": "auto", "disable_parallel_tool_use": True}), TOOLS_AND_SYSTEM),
    "images": (with_messages(IMAGE), TOOLS_AND_SYSTEM),
    "image appended later": (appended({"role": "user", "content": [IMAGE]}), TOOLS_AND_SYSTEM),
    "history edited": (with_messages({"type": "text", "text": "new"}), TOOLS_AND_SYSTEM),
    "context_management that clears nothing": (
        with_(context_management={"edits": [{"type": "clear_tool_uses_20250919"}]}),
        ALL,
    ),
    "thinking": (with_(thinking={"type": "adaptive"}), NOTHING),
    "effort": (with_(output_config={"effort": "low"}), NOTHING),
    "effort, the default stated": (with_(output_config={"effort": "high"}), ALL),
    "output format": (with_(output_config={"format": {"type": "json_schema", "schema": {}}}), NOTHING),
    "task budget": (with_(output_config={"task_budget": {"type": "tokens", "total": 5}}), NOTHING),
    "deferred tool": (with_(tools=[*base()["tools"], {"name": "later", "defer_loading": True}]), ALL),
    "system message appended": (appended({"role": "system", "content": "be brief"}), ALL),
    "effort of one message": (
        appended({"role": "system", "content": "hurry", "output_config": {"effort": "low"}}),
        ALL,
    ),
    "region, of which nothing is published": (with_(inference_geo="us"), ALL),
    "tool removed by a block": (
        appended({"role": "system", "content": [{"type": "tool_removal", "tool": {"name": "search"}}]}),
        ALL,
    ),
    "tool added by a block": (
        appended({"role": "system", "content": [{"type": "tool_addition", "tool": {"name": "later"}}]}),
        ALL,
    ),
    "skills, of which nothing is published": (with_(container={"skills": [{"skill_id": "pdf"}]}), NOTHING),
    "MCP servers, of which nothing is published": (with_(mcp_servers=[{"name": "wiki"}]), NOTHING),
    "tool_choice, the default stated": (with_(tool_choice={"type": "auto"}), ALL),
    "max_tokens": (with_(max_tokens=7), ALL),
    "metadata": (with_(metadata={"user_id": "u"}), ALL),
    "stop_sequences": (with_(stop_sequences=["."]), ALL),
    "service_tier": (with_(service_tier="standard_only"), ALL),
    "container": (with_(container="c1"), ALL),
    "stream": (with_(stream=True), ALL),
    "keys of a block in another order": (
        with_(system=[{"cache_control": CACHED, "text": "s", "type": "text"}]),
        ALL,
    ),
}


def count(block: Any, _model: str) -> int:
    """1,000 tokens for each of the three blocks that carry a tier, nothing for what a row adds."""
    return 1000 if block.get("cache_control") else 0


@pytest.mark.parametrize(("changed", "survives"), TABLE.values(), ids=TABLE.keys())
def test_what_survives_a_change(sdk: anthropic.Anthropic, api: MessagesApi, changed: Body, survives: int) -> None:
    """What is not read is written again, as far as the last breakpoint."""
    api.cache.count = count
    sdk.beta.messages.create(**base())
    sdk.beta.messages.create(**changed)
    whole = sum(count(block.value, "") for block in blocks(changed))
    assert api.calls[-1].usage == usage(read=survives, write=whole - survives)


def test_a_tool_added_behind_the_others_is_lost_with_what_follows_it() -> None:
    """A breakpoint on the last tool before it still ends a prefix that was written: the rest is lost."""
    cache = PromptCache(count=count)
    cache.send(base())
    assert cache.send(with_(tools=[*base()["tools"], {"name": "new"}])) == usage(read=1000, write=2000)


def test_tools_in_another_order_lose_everything() -> None:
    cache = PromptCache(count=count)
    first, second = {"name": "first"}, {"name": "second", "cache_control": CACHED}
    cache.send(with_(tools=[first, second]))
    reordered = with_(tools=[{"name": "second"}, {**first, "cache_control": CACHED}])
    assert cache.send(reordered) == usage(write=3000)


def test_another_set_of_beta_headers_is_taken_for_a_loss() -> None:
    cache = PromptCache(count=count)
    cache.send(base(), betas=["one", "two"])
    assert cache.send(base(), betas=["two", "one"]).read == ALL
    assert cache.send(base(), betas=["one"]).read == NOTHING


def test_breakpoints_moved_or_given_another_ttl_lose_nothing() -> None:
    cache = PromptCache(count=lambda block, _model: 1000)
    cache.send(base())
    one_hour = base()
    one_hour["tools"][0].pop("cache_control")
    one_hour["system"][0]["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
    assert cache.send(one_hour).read == ALL


# Thinking of earlier turns

THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}


def conversation(model: str, *tail: Any) -> Body:
    answer = {"role": "assistant", "content": [THOUGHT, {"type": "text", "text": "a"}]}
    messages = [{"role": "user", "content": "q"}, answer, *tail]
    return {"model": model, "max_tokens": 9, "messages": messages, "cache_control": CACHED}


@pytest.mark.parametrize(("model", "survives"), [("claude-opus-4-5", True), ("claude-haiku-4-5", False)])
def test_models_that_keep_only_the_last_turns_thinking_lose_what_followed_it(model: str, survives: bool) -> None:
    cache = PromptCache(count=lambda block, _model: 5000)
    result = {"type": "tool_result", "tool_use_id": "t", "content": "r"}
    asked = conversation(model, {"role": "user", "content": [result]})
    cache.send(asked)
    spoken = conversation(model, {"role": "user", "content": [result]}, {"role": "user", "content": "next"})
    assert (cache.send(spoken).read == 20_000) is survives


def test_tool_results_alone_do_not_strip_thinking() -> None:
    cache = PromptCache(count=lambda block, _model: 5000)
    result = {"type": "tool_result", "tool_use_id": "t", "content": "r"}
    cache.send(conversation("claude-haiku-4-5", {"role": "user", "content": [result]}))
    longer = conversation(
        "claude-haiku-4-5", {"role": "user", "content": [result]}, {"role": "user", "content": [result]}
    )
    assert cache.send(longer).read == 20_000
