"""Fingerprints are equal for what the cache takes for equal, and differ where it would miss."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachelint.prompt import blocks, without_markers
from cachelint.runtime.encoding import decode, encode
from cachelint.runtime.fingerprint import Fingerprint, Fingerprinter
from cachelint.runtime.prompt import lay_out

FINGERPRINTS = Fingerprinter(b"key")
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}

BODY: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 1,
    "tools": [{"name": "a", "input_schema": {"type": "object"}}, {"name": "b", "input_schema": {}, **MARK}],
    "system": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two", **HOUR}],
    "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "a", "input": {"x": 1}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "R", **MARK}]},
                {"type": "text", "text": "And?"},
            ],
        },
    ],
}


def fingerprint(body: dict[str, Any] = BODY, **changes: Any) -> Fingerprint:
    return FINGERPRINTS.fingerprint({**body, **changes})


def messages(*contents: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content} for content in contents]


def test_the_layout_is_that_of_the_kernel() -> None:
    kernel = blocks(BODY)
    ours = lay_out(BODY)
    assert [ours.position(place) for place in range(len(ours.pieces))] == [block.position for block in kernel]
    assert [ours.tier_of(place) for place in range(len(ours.pieces))] == [block.tier for block in kernel]
    assert ours.markers == [(n, block.marker.ttl) for n, block in enumerate(kernel) if block.marker]


CONTENT = st.one_of(
    st.text(max_size=5),
    st.lists(
        st.one_of(
            st.builds(lambda text: {"type": "text", "text": text}, st.text(max_size=3)),
            st.builds(lambda text: {"type": "text", "text": text, **MARK}, st.text(min_size=1, max_size=3)),
            st.just({"type": "thinking", "thinking": "t", "signature": "s"}),
            st.just({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x", **HOUR}]}),
        ),
        max_size=4,
    ),
)


@given(st.lists(CONTENT, max_size=4), st.one_of(st.none(), CONTENT), st.booleans())
def test_markers_are_where_the_kernel_finds_them(contents: list[Any], system: Any, automatic: bool) -> None:
    body = {"system": system, "messages": messages(*contents), **(MARK if automatic else {})}
    kernel = blocks(body)
    ours = lay_out(body)
    marked = [place for place, block in enumerate(kernel) if block.marker]
    assert [place for place, _ in ours.markers] == [p for p in marked if not kernel[p].marker.automatic]  # type: ignore[union-attr]
    assert ours.last_cached == max(marked, default=-1)
    assert len(ours.pieces) == len(kernel)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
MARKS = st.sampled_from([{}, MARK, HOUR])
INNER = st.lists(
    st.builds(lambda text, mark: {"type": "text", "text": text, **mark}, st.text(max_size=4), MARKS)
    | st.just({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}})
    | JSON,
    max_size=3,
)
BLOCKS = st.one_of(
    st.builds(
        lambda content, more, mark: {"type": "tool_result", "tool_use_id": "t", "content": content, **more, **mark},
        st.text(max_size=4) | INNER | JSON,
        st.sampled_from([{}, {"is_error": True}, {"tool_use_id": None}]),
        MARKS,
    ),
    st.builds(
        lambda call, more, mark: {"type": "tool_use", "id": "t", "name": "n", "input": call, **more, **mark},
        JSON,
        st.sampled_from([{}, {"caller": {"type": "direct"}}, {"name": 7}]),
        MARKS,
    ),
    st.builds(
        lambda content, mark: {"type": "document", "source": {"type": "content", "content": content}, **mark},
        INNER,
        MARKS,
    ),
    st.builds(lambda value, mark: {"type": "thinking", "thinking": value, **mark}, JSON, MARKS),
    st.builds(lambda text: {"type": "text", "text": text, "citations": None}, st.text(max_size=4)),
    st.builds(lambda text: {"text": text, "type": "text"}, JSON),
    JSON,
)


@given(st.lists(BLOCKS, max_size=4))
def test_taking_a_block_apart_loses_nothing_of_it(content: list[Any]) -> None:
    pieces = lay_out({"messages": messages(content)}).pieces
    assert [decode(encode(piece)) for piece in pieces] == [as_encoded(block) for block in content]
    assert FINGERPRINTS.fingerprint({"messages": messages(content)}).digests == tuple(
        Fingerprinter(b"key").fingerprint({"messages": messages(block)}).digests[0] if block != [] else b""
        for block in ([block] for block in content)
    )


def as_encoded(block: Any) -> Any:
    """What the cache compares of a block: a text alone, or the block without breakpoints."""
    bare = without_markers(block)
    is_text = isinstance(bare, dict) and bare.keys() == {"type", "text"} and isinstance(bare["text"], str)
    return bare["text"] if is_text and bare["type"] == "text" else bare


def test_the_order_of_keys_counts_inside_a_block_but_not_of_its_own() -> None:
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1, "b": 2}}
    turned = dict(reversed(call.items()))
    inside = {**call, "input": {"b": 2, "a": 1}}
    digests = [fingerprint(messages=messages([block])).messages for block in (call, turned, inside)]
    assert digests[0] == digests[1] != digests[2]


def test_numbers_that_python_takes_for_equal_are_different_json() -> None:
    calls = [{"type": "tool_use", "id": "t", "name": "n", "input": {"x": x}} for x in (1, 1.0, True)]
    assert len({fingerprint(messages=messages([call])).messages for call in calls}) == 3


def test_a_history_that_was_edited_in_place_gets_new_hashes() -> None:
    """Nothing that a program may change later is kept to compare with."""
    fresh = Fingerprinter(b"key")
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"x": [1]}}
    body = {"messages": messages("Hi", [call]), "tools": [{"name": "a", "input_schema": {}}]}
    before = fresh.fingerprint(body).digests
    call["input"]["x"].append(2)  # type: ignore[index]
    body["tools"][0]["input_schema"]["type"] = "object"  # type: ignore[index]
    after = fresh.fingerprint(body).digests
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, False]


LENGTHS = st.lists(st.integers(0, 3), min_size=1, max_size=8)


@given(st.lists(LENGTHS, min_size=2, max_size=6), st.booleans())
def test_what_was_hashed_before_changes_no_fingerprint(conversations: list[list[int]], shared: bool) -> None:
    """A fingerprint is the same from one that has seen other prompts, which it reuses, as from a new one."""
    used = Fingerprinter(b"key")
    for texts in conversations:
        body = {"system": f"{len(texts) if not shared else 0}", "messages": messages(*map(str, texts))}
        assert used.fingerprint(body).hashes == Fingerprinter(b"key").fingerprint(body).hashes
        assert used.fingerprint(body).weights == Fingerprinter(b"key").fingerprint(body).weights


@pytest.mark.parametrize(
    "same",
    [
        {"max_tokens": 99},
        {"metadata": {"user_id": "u"}},
        {"stop_sequences": ["x"]},
        {"cache_control": {"type": "ephemeral"}},
        {"system": [{"type": "text", "text": "One", **MARK}, {"text": "Two", "type": "text"}]},
    ],
)
def test_what_the_cache_does_not_see(same: dict[str, Any]) -> None:
    changed = fingerprint(**same)
    assert changed.digests == fingerprint().digests
    assert changed.hashes["parameters"] == fingerprint().hashes["parameters"]


@pytest.mark.parametrize(
    ("change", "tier"),
    [
        ({"tools": BODY["tools"][::-1]}, "tools"),
        ({"tools": [{**BODY["tools"][0], "description": "d"}, BODY["tools"][1]]}, "tools"),
        ({"system": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]}, "system"),
        ({"messages": [*BODY["messages"][:2], {"role": "user", "content": "?"}]}, "messages"),
    ],
)
def test_what_the_cache_sees(change: dict[str, Any], tier: str) -> None:
    before, after = fingerprint().hashes, fingerprint(**change).hashes
    assert [name for name in ("tools", "system", "messages") if before[name] != after[name]] == [tier]  # type: ignore[literal-required]


@pytest.mark.parametrize(
    "parameter",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"tool_choice": {"type": "any"}},
        {"output_config": {"effort": "low"}},
        {"speed": "fast"},
    ],
)
def test_parameters_have_hashes_of_their_own(parameter: dict[str, Any]) -> None:
    assert len(fingerprint(**parameter).hashes["parameters"]) == 1
    assert fingerprint(**parameter).digests == fingerprint().digests


def test_images_and_citations_count_as_parameters() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
    document = {"type": "document", "source": {"type": "text", "data": "x"}, "citations": {"enabled": True}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [image]}
    assert set(fingerprint(messages=messages([image])).hashes["parameters"]) == {"images"}
    assert set(fingerprint(messages=messages([result])).hashes["parameters"]) == {"images"}
    assert set(fingerprint(messages=messages([document])).hashes["parameters"]) == {"citations"}


def test_betas_count_in_any_order() -> None:
    one = FINGERPRINTS.fingerprint(BODY, ["a", "b"])
    other = FINGERPRINTS.fingerprint(BODY, ["b", "a"])
    assert one.hashes["parameters"] == other.hashes["parameters"] != fingerprint().hashes["parameters"]


def test_records_that_share_a_prefix_share_the_hash_of_its_longest_measured_part() -> None:
    short = fingerprint(messages=messages(*"abcd"))
    long = fingerprint(messages=messages(*"abcdefghij"))
    assert [prefix.partition(":")[0] for prefix in long.hashes["messages"]] == ["1", "2", "4", "8", "10"]
    assert set(short.hashes["messages"]) <= set(long.hashes["messages"])


@given(
    st.lists(st.text(max_size=3), min_size=1, max_size=6), st.integers(min_value=0, max_value=5), st.text(max_size=3)
)
def test_a_prefix_hash_depends_on_all_before_it_and_on_nothing_behind(texts: list[str], place: int, other: str) -> None:
    place %= len(texts)
    changed = [*texts[:place], other, *texts[place + 1 :]]
    before = fingerprint(messages=messages(*texts)).hashes["messages"]
    after = fingerprint(messages=messages(*changed)).hashes["messages"]
    for one, two in zip(before, after, strict=True):
        length = int(one.partition(":")[0])
        assert (one == two) is (texts[:length] == changed[:length])


def test_blocks_known_from_before_get_the_same_hash() -> None:
    fresh = Fingerprinter(b"key")
    assert fresh.fingerprint(BODY).digests == fresh.fingerprint(BODY).digests == fingerprint().digests


def test_fingerprints_do_not_depend_on_the_process() -> None:
    program = (
        "from cachelint.runtime.fingerprint import Fingerprinter\n"
        f"print(Fingerprinter(b'key').fingerprint({BODY!r}).hashes)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{fingerprint().hashes}\n"}


def test_fingerprints_depend_on_the_key() -> None:
    assert Fingerprinter(b"other").fingerprint(BODY).hashes["system"] != fingerprint().hashes["system"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None, "tools": 3, "system": {"type": "text"}},
        {"messages": ["text", {"role": None}, {"role": "user", "content": [None, 5, "text", {}]}]},
        {"messages": messages("\ud800"), "system": "\udfff"},
        {"messages": messages([{"type": "text", "text": None}]), "cache_control": "ephemeral"},
        {"tools": [{"name": "a", "input_schema": object()}]},
    ],
)
def test_bodies_of_another_shape_are_no_error(body: dict[str, Any]) -> None:
    FINGERPRINTS.fingerprint(body)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": "one"}],
        [{"text": "one", "type": "text"}],
        [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        [{"type": "text", "text": 1}],
        [{"type": "note", "text": "one"}],
        "one",
        [],
    ],
)
def test_a_result_is_encoded_as_what_it_is_whatever_its_shape(content: Any) -> None:
    """Results of one text are kept as that text; their bytes are those of the block all the same."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": content}
    (piece,) = lay_out({"messages": [{"role": "user", "content": [result]}]}).pieces
    assert json.dumps(decode(encode(piece))) == json.dumps(dict(sorted(result.items())))
