"""Facts about prefixes and breakpoints (facts.md A.1, A.2), each with requests of the real SDK and their whole usage.

Where each row of facts.md A.1 to A.8 is shown:

- A.1: here, and in `test_cache.py` (writes at breakpoints only, lookback, billing positions, opting in);
- A.2: here, and in `test_rejections.py` (where breakpoints are refused);
- A.3, A.7: `test_facts_lifetime.py`, `test_cache.py`, `test_server_tools.py`; batches also in `test_server.py`;
- A.4: `test_cache.py` (every model), with the figures themselves in `tests/prompt/test_models.py`;
- A.5: `test_invalidation.py`, row by row; what edits of the context clear in `test_facts_thinking.py`;
- A.6: `test_facts_thinking.py`, `test_binding.py`, `test_rejections.py`;
- A.8: `test_rejections.py`, `test_platforms_simulated.py`, `test_binding.py`, and as *silent* in the files above;
- A.8b: `test_facts_diagnostics.py`.

Not shown, because a stand-in cannot show it:

- generated output does not depend on caching; no prompt is read by a model here;
- entries may outlive their TTL somewhat, be evicted, or (in batches) be missed: nobody can know when, so here they live
  exactly as long as their TTL and are always found;
- prices, rate limits (what counts toward input tokens per minute) and the burn-down of the priority tier: nobody bills;
- the minimums and usage fields that Amazon publishes for Bedrock, and hidden tool instructions (286 to 804 tokens):
  tokens are estimated;
- what "depends on the model", or is not published (thinking, effort, formats, budgets, beta headers, skills, MCP
  servers): a loss is assumed; for `inference_geo` none is;
- another TTL for a prefix that is in the cache already: that it survives, and that it is written anew, is both stated;
  here it is read, and keeps its TTL (`test_invalidation.py`);
- a signed address for the same image: the bytes are not fetched, and another address counts as another image;
- the several breakpoints within one batch action of a toolset that act as one: no shape of it is published;
- server-side compaction and the advisor's own transcript: no model summarises or advises here; a compaction block that
  a test scripts is a block like any other;
- organisations: keys stand for workspaces, and requests by way of Bedrock or Google Cloud share the default one;
- the 400s that depend on an account's age (preserved thinking) or on where system messages may stand (but: not first).
"""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_requests import LONG, SHORT, Body, Send, count, request, text, tool, usage

from cachelint.prompt import blocks, breakpoints
from cachelint.testing import CacheUsage, PromptCache


def answered(block: Body) -> Body:
    """A conversation whose second message, of the assistant, ends with this block."""
    said = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": "a"},
    ]
    return {**request(), "system": [text(600)], "messages": said}


def image(letter: str) -> Body:
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": letter}}


MCP = {"type": "mcp_toolset", "mcp_server_name": "wiki"}
SYSTEM = [text(600)]

SEQUENCES: dict[str, tuple[list[Body], list[CacheUsage]]] = {
    "tools are rendered before system, and system before messages": (
        [
            request(text(30), tools=[tool("a", 600, SHORT)], system=[text(700, SHORT)]),
            request(text(30), tools=[tool("a", 600, SHORT)], system=[text(700, SHORT, "y")]),
            request(text(30), tools=[tool("b", 600, SHORT)], system=[text(700, SHORT)]),
        ],
        [usage(plain=30, write=1300), usage(plain=30, read=600, write=700), usage(plain=30, write=1300)],
    ),
    "an image is compared like text": (
        [request(text(600), image("a"), text(5, SHORT)), request(text(600), image("b"), text(5, SHORT))],
        [usage(write=615), usage(write=615)],
    ),
    "the example of the lookback: written at block 15, looked up from 35": (
        [request(*[text(50)] * 14, text(50, SHORT)), request(*[text(50)] * 34, text(50, SHORT))],
        [usage(write=750), usage(write=1750)],
    ),
    "one block less, and it is found": (
        [request(*[text(50)] * 14, text(50, SHORT)), request(*[text(50)] * 33, text(50, SHORT))],
        [usage(write=750), usage(read=750, write=950)],
    ),
    "read to A, written for an hour to B, for five minutes to C, the rest in full": (
        [
            request(text(1), system=[text(600, LONG)]),
            request(text(70, LONG), text(80, SHORT), text(90), system=[text(600, LONG)]),
        ],
        [usage(plain=1, write_1h=600), usage(plain=90, read=600, write_1h=70, write=80)],
    ),
    "a breakpoint on the last tool caches all tools": (
        [request(text(30), tools=[tool("a", 600), tool("b", 700, SHORT)])] * 2,
        [usage(plain=30, write=1300), usage(plain=30, read=1300)],
    ),
    "a breakpoint on a tool that is not the last leaves the later tools out": (
        [request(text(30), tools=[tool("a", 600, SHORT), tool("b", 700)])] * 2,
        [usage(plain=730, write=600), usage(plain=730, read=600)],
    ),
    "a breakpoint on the last system block caches tools and system": (
        [request(text(30), tools=[tool("a", 600)], system=[text(40), text(50, SHORT)])] * 2,
        [usage(plain=30, write=690), usage(plain=30, read=690)],
    ),
    "a breakpoint that is removed leaves its entry readable": (
        [request(text(600, SHORT)), request(text(600), text(50, SHORT))],
        [usage(write=600), usage(read=600, write=50)],
    ),
    "without cache_control nothing is cached": ([request(text(900))] * 2, [usage(plain=900)] * 2),
    "below the minimum nothing is cached, silently": ([request(text(511, SHORT))] * 2, [usage(plain=511)] * 2),
    "automatic caching marks the last block and moves with the conversation": (
        [request(text(600), cache_control=SHORT), request(text(600), text(50), cache_control=SHORT)],
        [usage(write=600), usage(read=600, write=50)],
    ),
    "automatic caching for an hour": (
        [request(text(600), cache_control=LONG)] * 2,
        [usage(write_1h=600), usage(read=600)],
    ),
    "automatic caching beside the same by hand changes nothing": (
        [request(text(600, SHORT), cache_control=SHORT)] * 2,
        [usage(write=600), usage(read=600)],
    ),
    "automatic caching walks back over what cannot be marked": (
        [
            request(text(600), {"type": "text", "text": ""}, cache_control=SHORT),
            request(text(700), {"type": "text", "text": ""}, {"type": "text", "text": ""}, cache_control=SHORT),
        ],
        [usage(plain=10, write=600), usage(plain=20, write=700)],
    ),
    "automatic caching finds nothing to mark, and is skipped silently": (
        [request({"type": "text", "text": ""}, cache_control=SHORT)],
        [usage(plain=10)],
    ),
}


@pytest.mark.parametrize(("bodies", "expected"), SEQUENCES.values(), ids=SEQUENCES.keys())
def test_what_requests_read_and_write(send: Send, bodies: list[Body], expected: list[CacheUsage]) -> None:
    assert [send(body) for body in bodies] == expected


MARKABLE: dict[str, Body] = {
    "a tool": request(text(30), tools=[tool("a", 600, SHORT)]),
    "an MCP toolset": request(text(30), tools=[tool("a", 590), {**MCP, "cache_control": SHORT}]),
    "a computer toolset": request(
        text(30), tools=[tool("a", 590), {"type": "computer_toolset_20260801", "cache_control": SHORT}]
    ),
    "a system block": request(text(30), system=[text(600, SHORT)]),
    "a text": request(text(600, SHORT), text(30)),
    "an image": request(text(590), {**image("a"), "cache_control": SHORT}, text(30)),
    "a document": request(
        text(590), {"type": "document", "source": {"type": "text", "data": "d"}, "cache_control": SHORT}, text(30)
    ),
    "a search result": request(
        text(590),
        {"type": "search_result", "source": "s", "title": "t", "content": [], "cache_control": SHORT},
        text(30),
    ),
    "the last block inside a tool result": request(
        text(590), {"type": "tool_result", "tool_use_id": "t", "content": [text(1), text(1, SHORT)]}, text(30)
    ),
    "a tool result": request(
        text(590), {"type": "tool_result", "tool_use_id": "t", "content": "r", "cache_control": SHORT}, text(30)
    ),
    "a tool use": answered({"type": "tool_use", "id": "t", "name": "a", "input": {}, "cache_control": SHORT}),
    "a compaction block": answered({"type": "compaction", "content": "summary", "cache_control": SHORT}),
    "an added tool": {
        **answered(text(5)),
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "system", "content": [{"type": "tool_addition", "tool": {"name": "a"}, "cache_control": SHORT}]},
            {"role": "user", "content": "a"},
        ],
    },
}


@pytest.mark.parametrize("body", MARKABLE.values(), ids=MARKABLE.keys())
def test_where_a_breakpoint_can_stand(send: Send, body: Body) -> None:
    """The prefix up to it is written by the first request and read by the second."""
    laid_out = blocks(body)
    (marked,) = breakpoints(laid_out)
    prefix = sum(count(block.value, "") for block in laid_out[: marked + 1])
    rest = sum(count(block.value, "") for block in laid_out[marked + 1 :])
    assert prefix >= 600
    assert [send(body), send(body)] == [usage(plain=rest, write=prefix), usage(plain=rest, read=prefix)]


def test_parse_of_the_sdk_takes_automatic_caching_only_as_extra_body(sdk: anthropic.Anthropic) -> None:
    body: Any = {"model": "claude-opus-5", "max_tokens": 9, "messages": [{"role": "user", "content": "x" * 600}]}
    with pytest.raises(TypeError, match="cache_control"):
        sdk.messages.parse(**body, cache_control=SHORT)
    assert sdk.messages.parse(**body, extra_body={"cache_control": SHORT}).usage.cache_creation_input_tokens == 600
    assert sdk.beta.messages.parse(**body, cache_control=SHORT).usage.cache_read_input_tokens == 600


LENGTHS = st.lists(st.integers(1, 400), min_size=1, max_size=30)


@given(lengths=LENGTHS, marks=st.sets(st.integers(0, 29), max_size=4), shared=st.integers(0, 30))
def test_what_is_read_and_written_ends_at_the_last_breakpoint(lengths: list[int], marks: set[int], shared: int) -> None:
    """Whatever an earlier request left in the cache; and all counters add up to the prompt."""
    content = [text(length, SHORT if place in marks else None) for place, length in enumerate(lengths)]
    cache = PromptCache(count=count)
    cache.send(request(*content[:shared], text(7, SHORT, "z")))
    found = cache.send(request(*content))
    ends = [sum(lengths[: place + 1]) for place in marks if place < len(lengths)]
    last = max((end for end in ends if end >= 512), default=0)
    assert (found.read + found.write, found.total) == (last, sum(lengths))
