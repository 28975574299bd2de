"""The blocks of a request in render order, and where its breakpoints are."""

from typing import Any

import pytest

from cachelint.prompt import Marker, blocks, breakpoints, without_markers

CACHED = {"type": "ephemeral"}
CACHED_1H = {"type": "ephemeral", "ttl": "1h"}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def marked(body: dict[str, Any]) -> list[tuple[str, Marker]]:
    return [(block.position, block.marker) for block in blocks(body) if block.marker is not None]


def test_tools_come_before_system_and_system_before_messages_however_the_body_is_written() -> None:
    body = {
        "messages": [user(text("a"), text("b")), {"role": "assistant", "content": "c"}],
        "system": "s",
        "tools": [{"name": "t"}],
    }
    assert [(block.position, block.role, block.value) for block in blocks(body)] == [
        ("tools[0]", None, {"name": "t"}),
        ("system[0]", None, text("s")),
        ("messages[0].content[0]", "user", text("a")),
        ("messages[0].content[1]", "user", text("b")),
        ("messages[1].content[0]", "assistant", text("c")),
    ]


def test_a_bare_string_is_the_one_text_block_that_it_means() -> None:
    assert blocks({"system": "s"}) == blocks({"system": [text("s")]})


def test_breakpoints_default_to_five_minutes() -> None:
    body = {"tools": [{"name": "t", "cache_control": CACHED_1H}], "system": [text("s", cache_control=CACHED)]}
    assert marked(body) == [("tools[0]", Marker("1h")), ("system[0]", Marker("5m"))]
    assert breakpoints(blocks(body)) == (0, 1)


def test_automatic_caching_marks_the_last_block() -> None:
    body = {"cache_control": CACHED, "system": "s", "messages": [user(text("a")), user(text("b"))]}
    assert marked(body) == [("messages[1].content[0]", Marker("5m", automatic=True))]


def test_automatic_caching_walks_back_over_blocks_that_cannot_be_marked() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "x"}
    body = {"cache_control": CACHED, "messages": [user(text("a"), text(""), thinking)]}
    assert marked(body) == [("messages[0].content[0]", Marker("5m", automatic=True))]


def test_automatic_caching_without_any_block_to_mark_does_nothing() -> None:
    assert marked({"cache_control": CACHED, "messages": [user(text(""))]}) == []


def test_automatic_caching_adds_nothing_to_a_last_block_that_is_marked_already() -> None:
    body = {"cache_control": CACHED, "messages": [user(text("a", cache_control=CACHED))]}
    assert marked(body) == [("messages[0].content[0]", Marker("5m"))]


def test_a_breakpoint_on_the_last_block_inside_a_tool_result_belongs_to_the_result() -> None:
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [text("a"), text("b", cache_control=CACHED)]}
    assert marked({"messages": [user(result)]}) == [("messages[0].content[0]", Marker("5m"))]


def test_what_the_cache_compares_has_no_breakpoints() -> None:
    result = {"type": "tool_result", "content": [text("a", cache_control=CACHED)], "cache_control": CACHED}
    assert without_markers(result) == {"type": "tool_result", "content": [text("a")]}


def test_a_property_that_happens_to_be_called_cache_control_is_content() -> None:
    tool = {"name": "set_header", "input_schema": {"properties": {"cache_control": {"type": "string"}}}}
    assert without_markers(tool) == tool


@pytest.mark.parametrize("body", [{}, {"system": None}, {"tools": "x"}, {"messages": [None, {"role": "user"}]}])
def test_a_malformed_body_has_no_blocks(body: dict[str, Any]) -> None:
    assert blocks(body) == ()
