"""Every signature of a miss that a log can show, blamed on the right cause, once, with its price."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from made_logs import Conversation, message

from cachelint.report.figures import Miss, Report

Reporter = Callable[..., Report]

UNAVAILABLE = "the API has no diagnosis: thinking, tool_choice, an output option or a beta may differ"
FINGERPRINTS = {"tools": "t1", "system": "s1", "parameters": {}}


def summary(report: Report) -> list[tuple[str, int, int]]:
    """Code, requests and tokens of each miss."""
    return [(miss.code, miss.requests, miss.tokens) for miss in report.misses]


def only_miss(report: Report) -> Miss:
    """The single miss of a report."""
    [miss] = report.misses
    return miss


def test_a_healthy_conversation_has_no_misses(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000).ask(after=30, r=10_000, w=500).ask(after=30, r=10_500, w=400)
    report = report_of(*conversation.records)
    assert report.misses == ()
    assert (report.total.steps, report.total.healthy_steps) == (2, 2)
    assert report.total.recoverable == 0


def test_noise_of_the_tokenizer_is_no_miss(report_of: Reporter) -> None:
    report = report_of(*Conversation().ask(w=10_000).ask(after=30, r=9_950, w=500).records)
    assert report.misses == ()


def test_the_price_of_a_miss_is_what_reading_would_have_saved(report_of: Reporter) -> None:
    report = report_of(*Conversation().ask(w=1_000_000).ask(after=30, w=1_000_000, w1=400_000).records)
    miss = only_miss(report)
    assert miss.cost == Decimal("0.4") * Decimal("9.5") + Decimal("0.6") * Decimal("5.75")
    assert report.total.recoverable == miss.cost
    assert miss.recoverable


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"fingerprints": FINGERPRINTS | {"tools": "t2"}}, "CL801", None),
        ({"fingerprints": FINGERPRINTS | {"system": "s2"}}, "CL802", None),
        (
            {"fingerprints": FINGERPRINTS | {"parameters": {"thinking": "h", "effort": "h"}}},
            "CL804",
            "effort, thinking",
        ),
        (
            {
                "divergence": {
                    "tier": "system",
                    "position": "system[0]",
                    "offset": 213,
                    "change": "text",
                    "after": "timestamp",
                }
            },
            "CL802",
            "diverges at system[0]+213, looks like a timestamp",
        ),
        (
            {"divergence": {"tier": "tools", "position": "tools[2]", "change": "reordered-tools"}},
            "CL801",
            "diverges at tools[2], reordered tools",
        ),
        (
            {"divergence": {"tier": "messages", "position": "messages[1]", "offset": 4, "change": "whitespace"}},
            "CL803",
            "diverges at messages[1]+4, whitespace",
        ),
        ({"diagnostics": {"requested": True, "reason": {"type": "system_changed"}}}, "CL802", "says the API"),
        ({"diagnostics": {"requested": True, "reason": {"type": "model_changed"}}}, "CL805", None),
        ({"diagnostics": {"requested": True, "reason": {"type": "unavailable"}}}, "CL814", UNAVAILABLE),
        ({"blocks": 40, "fingerprints": FINGERPRINTS}, "CL811", "30 blocks were added at once"),
        ({}, "CL814", "nothing was read"),
    ],
)
def test_causes_within_the_lifetime(
    report_of: Reporter, changes: dict[str, Any], code: str, detail: str | None
) -> None:
    first = Conversation(blocks=10, fingerprints=FINGERPRINTS).ask(w=10_000)
    miss = only_miss(report_of(*first.ask(after=60, w=10_500, **changes).records))
    assert (miss.code, miss.tokens, miss.call_site, miss.detail) == (code, 10_000, "app/agent.py:7", detail)


def test_several_causes_are_blamed_in_their_order_and_only_once(report_of: Reporter) -> None:
    everything = {"tools": "t2", "system": "s2", "parameters": {"thinking": "h"}}
    first = Conversation(fingerprints=FINGERPRINTS).ask(w=10_000)
    miss = only_miss(report_of(*first.ask(after=4000, w=10_500, fingerprints=everything).records))
    assert miss.code == "CL804"


@pytest.mark.parametrize(
    ("gap", "verdict", "detail"),
    [
        (660, "avoidable", "median gap 11 min; a 1 h TTL would save $0.02"),
        (9000, "expected", "median gap 2 h"),
    ],
)
def test_expiry(report_of: Reporter, gap: float, verdict: str, detail: str) -> None:
    report = report_of(*Conversation().ask(w=10_000).ask(after=gap, w=10_500).records)
    miss = only_miss(report)
    assert (miss.code, miss.verdict, miss.detail) == ("CL806", verdict, detail)
    assert not miss.recoverable
    assert report.total.recoverable == 0


def test_an_hour_is_the_lifetime_where_an_hour_was_asked_for(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000, w1=10_000).ask(after=1800, w=10_500, w1=10_500)
    assert only_miss(report_of(*conversation.records)).code == "CL814"


def test_a_prompt_shorter_than_what_was_cached_was_rewritten(report_of: Reporter) -> None:
    miss = only_miss(report_of(*Conversation().ask(w=20_000).ask(after=60, w=9_000).records))
    assert (miss.code, miss.detail, miss.confidence) == (
        "CL803",
        "the prompt is shorter than what was cached",
        "medium",
    )


def test_the_same_first_part_again_and_again_means_that_messages_are_rewritten(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000)
    for size in (12_000, 14_000, 16_000):
        conversation.ask(after=30, r=5_000, w=size)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.requests, miss.confidence) == ("CL803", 3, "low")


def test_writing_again_and_again_without_a_read(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000).ask(after=30, w=10_500).ask(after=30, w=11_000)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.requests) == ("CL807", 2)


def test_the_first_request_of_another_model_finds_nothing(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000).ask(after=30, w=10_500, model="claude-sonnet-5")
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.detail) == ("CL805", "from claude-opus-5")


def test_a_side_question_to_another_model_is_no_miss(report_of: Reporter) -> None:
    conversation = (
        Conversation().ask(w=10_000).ask(after=5, input=300, model="claude-haiku-4-5").ask(after=5, r=10_000, w=50)
    )
    assert report_of(*conversation.records).misses == ()


def test_prompts_below_the_minimum_and_markers_without_effect(report_of: Reporter) -> None:
    marked = {"markers": [{"position": "system[0]", "ttl": "5m"}]}
    below = Conversation("a", **marked).ask(input=100)
    ignored = Conversation("b", call_site="b.py:1", **marked).ask(input=5_000)
    assert {(miss.call_site, miss.detail) for miss in report_of(*below.records, *ignored.records).misses} == {
        ("app/agent.py:7", "prompts are shorter than 512 tokens"),
        ("b.py:1", "markers had no effect although the prompt is long enough"),
    }


def test_the_same_prefix_without_a_breakpoint(report_of: Reporter) -> None:
    records = [
        record
        for number in range(3)
        for record in Conversation(f"s{number}", fingerprints=FINGERPRINTS, markers=[])
        .ask(input=1_000_000, estimated_tokens=900_000)
        .records
    ]
    miss = only_miss(report_of(*records))
    assert (miss.code, miss.requests, miss.confidence) == ("CL809", 3, "low")
    assert miss.cost == 2 * Decimal("0.9") * Decimal("4.5")


def test_a_stampede_writes_the_same_prefix_at_once(report_of: Reporter) -> None:
    records = [
        record
        for number in range(3)
        for record in Conversation(f"s{number}", fingerprints=FINGERPRINTS, first_token_ms=2000.0).ask(w=10_000).records
    ]
    miss = only_miss(report_of(*records))
    assert (miss.code, miss.requests, miss.tokens) == ("CL810", 2, 20_000)


def test_independent_requests_that_never_read(report_of: Reporter) -> None:
    conversation = Conversation(session=None)
    for _ in range(4):
        conversation.ask(after=20, w=10_000, id=None)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.requests, miss.cost) == ("CL807", 4, Decimal("0.05"))


def test_call_sites_of_one_session_are_not_compared_with_each_other(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000).ask(after=5, w=9_000, call_site="app/other.py:3")
    report = report_of(*conversation.ask(after=5, r=10_000, w=100).records)
    assert report.misses == ()
    assert (report.total.steps, report.total.healthy_steps) == (1, 1)


def test_single_requests_of_many_sessions_with_a_system_prompt_for_each(report_of: Reporter) -> None:
    def one(number: int) -> dict[str, Any]:
        [record] = (
            Conversation(f"s{number}", fingerprints=FINGERPRINTS | {"system": f"s{number}"}).ask(w=10_000).records
        )
        return record

    miss = only_miss(report_of(*map(one, range(4))))
    assert (miss.code, miss.requests, miss.detail) == ("CL807", 4, "every request has another system prompt")


def test_an_hour_that_nobody_needs(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=10_000, w1=10_000)
    for read in (10_000, 10_500):
        conversation.ask(after=30, r=read, w=500, w1=500)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.tokens, miss.cost) == ("CL813", 11_000, Decimal("0.04125"))


def test_the_other_lifetime_is_replayed(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=1_000_000).ask(after=1200, w=1_000_000)
    [lifetime] = report_of(*conversation.records).lifetimes
    assert lifetime.cost == lifetime.cost_5m == Decimal("12.5")
    assert lifetime.cost_1h == Decimal("10.5")


def test_writes_that_nothing_reads_are_counted_and_the_last_ones_apart(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=100_000).ask(after=5, r=60_000, w=50_000).ask(after=5, r=110_000, w=1_000)
    waste = report_of(*conversation.records).write_waste
    assert (waste.tokens, waste.terminal_tokens) == (0, 1_000)
    rewritten = Conversation().ask(w=100_000).ask(after=5, w=100_000).ask(after=5, r=40_000, w=60_000, w1=60_000)
    waste = report_of(*rewritten.records).write_waste
    assert (waste.tokens, waste.cost) == (120_000, Decimal("0.15"))
    assert (waste.terminal_tokens, waste.terminal_cost) == (60_000, Decimal("0.3"))


def test_sub_agents_have_conversations_of_their_own(report_of: Reporter) -> None:
    def line(number: int, agent: str | None, **usage: int) -> dict[str, Any]:
        record = {
            "type": "assistant",
            "sessionId": "s",
            "uuid": f"u{number}",
            "timestamp": f"2026-11-20T10:00:{number:02}Z",
        }
        return {**record, "message": message(id=f"msg_{number}", **usage), **({"agentId": agent} if agent else {})}

    report = report_of(
        line(1, None, w=10_000), line(2, "a", w=3_000), line(3, None, r=10_000, w=10), line(4, "a", r=3_000)
    )
    assert report.misses == ()
    assert report.total.steps == 2


def test_a_compacted_conversation_is_expected_to_start_anew(report_of: Reporter) -> None:
    def line(number: int, **fields: Any) -> dict[str, Any]:
        return {"sessionId": "s", "uuid": f"u{number}", "timestamp": f"2026-11-20T10:00:{number:02}Z", **fields}

    report = report_of(
        line(1, type="assistant", message=message(id="msg_1", w=50_000)),
        line(2, type="system", subtype="compact_boundary"),
        line(3, type="assistant", message=message(id="msg_2", w=12_000)),
    )
    miss = only_miss(report)
    assert (miss.code, miss.verdict, miss.detail) == ("CL803", "expected", "the conversation was compacted")
