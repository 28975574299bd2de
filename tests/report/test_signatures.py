"""The signatures S1 to S20 that usage logs show (facts A.9), each with the edges of its predicate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from made_logs import NOW, Conversation, message

from cachelint.report.figures import Miss, Report

Reporter = Callable[..., Report]
FINGERPRINTS = {"tools": "t1", "system": "s1", "parameters": {"thinking": "h1"}}


def codes(report: Report) -> list[str]:
    """The codes of all misses, the costliest first."""
    return [miss.code for miss in report.misses]


def only_miss(report: Report) -> Miss:
    """The single miss of a report."""
    [miss] = report.misses
    return miss


def steps(report: Report) -> tuple[int, int]:
    """How many steps there were within the lifetime, and how many were healthy."""
    return report.total.steps, report.total.healthy_steps


@pytest.mark.parametrize(
    ("cached", "read", "healthy"),
    [(10_000, 9_900, 1), (10_000, 9_899, 0), (2_000, 1_968, 1), (2_000, 1_967, 0)],
    ids=["1 % of E", "beyond 1 %", "32 tokens of a short one", "beyond 32 tokens"],
)
def test_s1_a_step_is_healthy_up_to_the_noise_of_the_tokenizer(
    report_of: Reporter, cached: int, read: int, healthy: int
) -> None:
    records = Conversation().ask(w=cached).ask(after=10, r=read, w=cached - read + 50).records
    assert steps(report_of(*records)) == (1, healthy)


@pytest.mark.parametrize(("cached", "judged"), [(512, 1), (511, 0)])
def test_s2_what_was_too_short_to_be_cached_cannot_be_missed(report_of: Reporter, cached: int, judged: int) -> None:
    report = report_of(*Conversation().ask(w=cached).ask(after=10, w=600).records)
    assert (report.total.steps, len(report.misses)) == (judged, judged)


@pytest.mark.parametrize(
    ("usage", "gap", "code"),
    [
        ({"w": 9_000}, 300, "CL814"),
        ({"w": 9_000}, 300.001, "CL806"),
        ({"w": 9_000, "w1": 9_000}, 3600, "CL814"),
        ({"w": 9_000, "w1": 9_000}, 3600.001, "CL806"),
    ],
    ids=["at 5 minutes", "after 5 minutes", "at an hour", "after an hour"],
)
def test_s2_s4_an_entry_lives_to_the_end_of_its_lifetime(
    report_of: Reporter, usage: dict[str, int], gap: float, code: str
) -> None:
    report = report_of(*Conversation().ask(**usage).ask(after=gap, w=9_500).records)
    assert codes(report) == [code]
    assert report.total.steps == (code == "CL814")


def test_s4_a_marker_for_an_hour_is_a_lifetime_of_an_hour_though_nothing_new_was_written(report_of: Reporter) -> None:
    hour = {"markers": [{"position": "system[0]", "ttl": "1h"}]}
    conversation = Conversation().ask(w=9_000, w1=9_000).ask(after=5, r=9_000, input=10, **hour)
    assert codes(report_of(*conversation.ask(after=1800, r=9_000, input=20).records)) == []


def test_s3_only_an_earlier_breakpoint_was_hit(report_of: Reporter) -> None:
    miss = only_miss(report_of(*Conversation().ask(w=9_000).ask(after=9, r=3_000, w=6_500).records))
    assert (miss.code, miss.tokens, miss.verdict, miss.confidence) == ("CL814", 6_000, "unknown", "low")
    assert miss.detail == "an earlier breakpoint was read: tools and system prompt are not to blame"


def test_s3_the_same_static_prefix_three_times_is_a_rewritten_conversation(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=9_000)
    for size in (9_500, 9_900, 10_400):
        conversation.ask(after=9, r=3_000, w=size - 3_000)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.requests, miss.confidence) == ("CL803", 3, "low")


def test_s5_a_conversation_that_only_writes(report_of: Reporter) -> None:
    conversation = Conversation()
    for size in (9_000, 9_500, 9_900):
        conversation.ask(after=9, w=size)
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.requests, miss.confidence) == ("CL807", 2, "medium")


def independent(**usage: Any) -> list[dict[str, Any]]:
    """Four requests of one call site that continue nothing."""
    return [
        record
        for number in range(4)
        for record in Conversation(f"s{number}", start=NOW + timedelta(seconds=20 * number)).ask(**usage).records
    ]


def test_s6_a_unique_tail_is_written_by_every_request(report_of: Reporter) -> None:
    miss = only_miss(report_of(*independent(r=3_000, w=2_000)))
    assert (miss.code, miss.requests, miss.tokens) == ("CL807", 4, 8_000)
    assert miss.cost == Decimal("0.01")  # 8,000 tokens at the premium of 1.25 $/MTok
    assert miss.detail == "the written end of the prompt is never the same"


def test_s6_requests_that_read_what_others_wrote_are_fine(report_of: Reporter) -> None:
    first, *others = independent(r=5_000, input=20)
    first["usage"] = message(w=5_000, input=20)["usage"]
    assert report_of(first, *others).misses == ()


def test_s7_rewriting_every_turn(report_of: Reporter) -> None:
    conversation = Conversation().ask(r=1_000, w=9_000)
    for size in (9_500, 9_900, 10_400):
        conversation.ask(after=9, r=1_000, w=size)
    assert only_miss(report_of(*conversation.records)).code == "CL803"


@pytest.mark.parametrize(("added", "code"), [(20, "CL814"), (21, "CL811")])
def test_s8_the_lookback_window_has_twenty_blocks(report_of: Reporter, added: int, code: str) -> None:
    first = Conversation(fingerprints=FINGERPRINTS).ask(w=9_000, blocks=10)
    assert codes(report_of(*first.ask(after=9, w=9_500, blocks=10 + added).records)) == [code]


@pytest.mark.parametrize(
    ("model", "code"), [("claude-haiku-4-5", "CL812"), ("claude-sonnet-4-5", "CL812"), ("claude-opus-4-5", "CL814")]
)
def test_s9_models_that_keep_only_the_thinking_of_the_last_turn(report_of: Reporter, model: str, code: str) -> None:
    first = Conversation(model=model, fingerprints=FINGERPRINTS, blocks=3).ask(w=9_000)
    miss = only_miss(report_of(*first.ask(after=9, r=6_000, w=3_500).records))
    assert (miss.code, miss.verdict) == (code, "expected" if code == "CL812" else "unknown")


MARKED = {"markers": [{"position": "system[0]", "ttl": "5m"}]}


@pytest.mark.parametrize(
    ("tokens", "detail", "confidence"),
    [
        (511, "prompts are shorter than 512 tokens", "high"),
        (512, "markers had no effect although the prompt is long enough", "medium"),
    ],
)
def test_s10_s11_markers_without_effect(report_of: Reporter, tokens: int, detail: str, confidence: str) -> None:
    miss = only_miss(report_of(*Conversation(**MARKED).ask(input=tokens).records))
    assert (miss.code, miss.detail, miss.confidence, miss.cost) == ("CL808", detail, confidence, 0)


@pytest.mark.parametrize(("count", "code"), [(2, []), (3, ["CL809"])])
def test_s12_the_same_long_prefix_without_a_breakpoint(report_of: Reporter, count: int, code: list[str]) -> None:
    records = independent(input=9_000)[:count]
    for record in records:
        record |= {"markers": [], "fingerprints": FINGERPRINTS, "estimated_tokens": 8_000}
    assert codes(report_of(*records)) == code


@pytest.mark.parametrize(("first_token_ms", "code"), [(20_001.0, ["CL810"]), (20_000.0, ["CL807"])])
def test_s13_a_stampede_starts_before_the_first_answer_does(
    report_of: Reporter, first_token_ms: float, code: list[str]
) -> None:
    records = independent(w=9_000)[: 2 if code == ["CL810"] else 4]
    for record in records:
        record |= {"fingerprints": FINGERPRINTS, "first_token_ms": first_token_ms}
    assert codes(report_of(*records)) == code


def hurried(pause: float) -> list[dict[str, Any]]:
    """Entries for an hour in a conversation whose last pause is this long."""
    conversation = Conversation().ask(w=9_000, w1=9_000).ask(after=60, r=9_000, w=500, w1=500)
    return conversation.ask(after=pause, r=9_500, input=9).records


@pytest.mark.parametrize(("pause", "code"), [(299, ["CL813"]), (300, [])])
def test_s14_an_hour_is_too_long_when_every_gap_is_below_five_minutes(
    report_of: Reporter, pause: float, code: list[str]
) -> None:
    report = report_of(*hurried(pause))
    assert codes(report) == code
    assert not code or report.misses[0].cost == 9_500 * (Decimal(10) - Decimal("6.25")) / 1_000_000


def test_s14_an_hour_pays_when_another_conversation_reads_it_after_a_pause(report_of: Reporter) -> None:
    later = Conversation("s2", start=NOW + timedelta(minutes=20)).ask(r=9_000, input=9)
    assert report_of(*hurried(60), *later.records).misses == ()


def test_s15_the_saving_of_an_hour_is_named_less_the_dearer_writes(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=1_000_000).ask(after=1200, w=1_000_000).ask(after=1200, w=1_000_000)
    miss = only_miss(report_of(*conversation.records))
    # two reads at 0.5 instead of writes at 6.25 $/MTok; the first write costs 10
    assert (miss.cost, miss.detail) == (Decimal("11.5"), "median gap 20 min; a 1 h TTL would save $7.75")


def test_s15_an_hour_can_cost_more_than_it_saves(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=1_000)
    for size in (200_000, 400_000, 600_000):
        conversation.ask(after=20, r=size - 199_000, w=200_000)
    conversation.ask(after=1200, w=1_000)
    short = Conversation("b", start=NOW + timedelta(days=1)).ask(w=1_000).ask(after=1200, w=1_100)
    [miss] = [miss for miss in report_of(*conversation.records, *short.records).misses if miss.code == "CL806"]
    assert miss.detail == "median gap 20 min; a 1 h TTL would cost more than it saves"


def test_s16_a_parameter_that_flips_is_named(report_of: Reporter) -> None:
    first = Conversation(fingerprints=FINGERPRINTS).ask(w=9_000)
    flipped = FINGERPRINTS | {"parameters": {"thinking": "h2", "effort": "low"}}
    miss = only_miss(report_of(*first.ask(after=9, w=9_500, fingerprints=flipped).records))
    assert (miss.code, miss.detail, miss.confidence) == ("CL804", "effort, thinking", "high")


def test_s16_fast_mode_has_a_cache_of_its_own(report_of: Reporter) -> None:
    fast = {"usage": message(r=2_000, w=7_500, speed="fast")["usage"]}
    miss = only_miss(report_of(*Conversation().ask(w=9_000).ask(after=9, **fast).records))
    assert (miss.code, miss.detail, miss.tokens) == ("CL804", "speed", 7_000)


def test_s17_another_model_finds_nothing_and_the_first_finds_its_own_again(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=9_000).ask(after=9, w=9_500, model="claude-sonnet-5")
    report = report_of(*conversation.ask(after=9, r=9_000, w=900).records)
    assert (codes(report), report.misses[0].detail) == (["CL805"], "from claude-opus-5")
    assert steps(report) == (1, 1)


@pytest.mark.parametrize(
    ("change", "detail", "verdict", "confidence"),
    [
        ({"workspace": "w2"}, "in another workspace, which has a cache of its own", "avoidable", "high"),
        (
            {"usage": message(w=9_500, inference_geo="us")["usage"]},
            "with another inference_geo, which may have a cache of its own",
            "unknown",
            "low",
        ),
    ],
    ids=["workspace", "geography"],
)
def test_lanes_have_caches_of_their_own(
    report_of: Reporter, change: dict[str, Any], detail: str, verdict: str, confidence: str
) -> None:
    records = Conversation(workspace="w1").ask(w=9_000).ask(after=9, **({"w": 9_500} | change)).records
    miss = only_miss(report_of(*records))
    assert (miss.code, miss.detail, miss.verdict, miss.confidence) == ("CL814", detail, verdict, confidence)


def test_s18_server_tools_write_for_five_minutes_and_that_is_no_miss(report_of: Reporter) -> None:
    usage = message(r=9_000, w=800, w1=300, server_tool_use={"web_search_requests": 1})["usage"]
    conversation = Conversation().ask(w=9_000, w1=9_000).ask(after=900, usage=usage)
    report = report_of(*conversation.ask(after=900, r=9_800, input=5).records)
    assert report.misses == ()
    assert report.total.write_5m == 500


def test_s19_the_last_write_of_a_conversation_is_apart_from_waste(report_of: Reporter) -> None:
    waste = report_of(*Conversation().ask(w=9_000).ask(after=9, r=9_000, w=500).records).write_waste
    assert (waste.tokens, waste.terminal_tokens) == (0, 500)
    assert waste.terminal_cost == 500 * Decimal("1.25") / 1_000_000


def test_what_expired_is_wasted_though_a_later_write_was_read(report_of: Reporter) -> None:
    conversation = Conversation().ask(w=9_000).ask(after=1200, w=9_000).ask(after=10, r=9_000, w=10)
    waste = report_of(*conversation.records).write_waste
    assert (waste.tokens, waste.terminal_tokens) == (9_000, 10)
    assert waste.cost == 9_000 * Decimal("1.25") / 1_000_000


def test_s20_a_prefix_that_is_never_the_same_says_so(report_of: Reporter) -> None:
    conversation = Conversation(fingerprints=FINGERPRINTS).ask(w=9_000)
    for number in range(4):
        conversation.ask(after=9, w=9_000, fingerprints=FINGERPRINTS | {"system": f"deploy{number}"})
    miss = only_miss(report_of(*conversation.records))
    assert (miss.code, miss.detail) == ("CL802", "4 versions in 4 requests: something in it is never the same")


ORDER = [
    ("CL804", {"fingerprints": {"tools": "t2", "system": "s2", "parameters": {"thinking": "h2"}}}),
    ("CL801", {"fingerprints": {"tools": "t2", "system": "s2", "parameters": {"thinking": "h1"}}}),
    ("CL802", {"fingerprints": {"tools": "t1", "system": "s2", "parameters": {"thinking": "h1"}}}),
    ("CL803", {"divergence": {"tier": "messages", "position": "messages[1]", "change": "text", "after": "word"}}),
    ("CL806", {}),
]


@pytest.mark.parametrize(("code", "changes"), ORDER)
def test_blame_goes_to_the_first_cause_in_order_even_after_expiry(
    report_of: Reporter, code: str, changes: dict[str, Any]
) -> None:
    first = Conversation(fingerprints=FINGERPRINTS, first_token_ms=9e6).ask(w=9_000, blocks=3)
    assert codes(report_of(*first.ask(after=4000, w=9_500, blocks=99, **changes).records)) == [code]


def test_interleaved_sessions_are_judged_one_by_one(report_of: Reporter) -> None:
    a, b = Conversation("a"), Conversation("b", start=NOW + timedelta(seconds=3))
    a.ask(w=9_000).ask(after=10, r=9_000, w=400).ask(after=10, r=9_400, w=100)
    b.ask(w=20_000).ask(after=10, r=20_000, w=400).ask(after=10, r=20_400, w=100)
    mixed = [record for pair in zip(a.records, b.records, strict=True) for record in pair]
    report = report_of(*mixed)
    assert (report.misses, steps(report)) == ((), (4, 4))


def test_without_times_nothing_is_judged_and_that_is_said(report_of: Reporter) -> None:
    records = Conversation().ask(w=9_000).ask(after=9, w=9_500).records
    report = report_of(*({**record, "started": None} for record in records))
    assert (report.misses, report.total.continuity.value) == ((), None)
    assert "Without a time, so priced as of today and on no day: 2 requests." in report.notes


def test_the_api_that_cannot_say_is_quoted(report_of: Reporter) -> None:
    first = Conversation().ask(w=9_000)
    reason = {"diagnostics": {"requested": True, "reason": {"type": "unavailable"}}}
    miss = only_miss(report_of(*first.ask(after=9, w=9_500, **reason).records))
    assert (miss.code, miss.detail) == (
        "CL814",
        "the API has no diagnosis: thinking, tool_choice, an output option or a beta may differ",
    )
