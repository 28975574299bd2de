"""Every accounting bug that other tools have had, as a test, with the published numbers where there are any."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_logs import Conversation, message

from cachelint.report.building import Options
from cachelint.report.figures import Report

Reporter = Callable[..., Report]


def tokens(report: Report) -> tuple[int, int, int, int, int]:
    """Uncached, written for 5 minutes, written for 1 hour, read, output."""
    total = report.total
    return total.input, total.write_5m, total.write_1h, total.read, total.output


def span(**attributes: Any) -> dict[str, Any]:
    """A span as OpenTelemetry's console exporter writes it."""
    names = {key.replace("__", "."): value for key, value in attributes.items()}
    return {
        "name": "chat",
        "context": {"trace_id": "0x1", "span_id": "0x2"},
        "start_time": "2026-11-20T10:00:00.5Z",
        "attributes": names,
    }


def stream(start: dict[str, Any], *deltas: dict[str, Any]) -> list[str]:
    """The lines of a stream of server-sent events with these usages."""
    first = {"id": "msg_1", "type": "message", "model": "claude-opus-5", "content": [], "usage": start}
    events = [{"type": "message_start", "message": first}]
    events += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage} for usage in deltas]
    return [line for event in events for line in (f"event: {event['type']}", f"data: {json.dumps(event)}", "")]


def test_d1_writes_are_not_input_as_well(report_of: Reporter) -> None:
    report = report_of(message("claude-3-7-sonnet-20250219", input=3, w=12304, out=550))
    assert report.total.cost == Decimal("0.054399")  # and not $0.0913


def test_d2_reads_and_writes_have_their_price(report_of: Reporter) -> None:
    report = report_of(message(w=1_000_000, r=1_000_000))
    assert report.total.cost_parts["5m"] == Decimal("6.25")
    assert report.total.cost_parts["read"] == Decimal("0.5")


def test_d3_an_inclusive_prompt_count_is_not_added_to_the_cached_tokens(report_of: Reporter) -> None:
    spans = span(
        gen_ai__usage__input_tokens=1000,
        gen_ai__usage__cache_write__input_tokens=700,
        gen_ai__usage__cache_read__input_tokens=200,
        gen_ai__usage__output_tokens=5,
        gen_ai__response__model="claude-opus-5",
    )
    assert tokens(report_of(spans)) == (100, 700, 0, 200, 5)


def test_d3_langfuse_totals_stay_what_they_are(report_of: Reporter) -> None:
    details = {"input": 130_000, "output": 213, "total": 130_213, "cache_read_input_tokens": 130_000}
    observation = {"id": "o1", "type": "GENERATION", "model": "claude-opus-5", "usageDetails": details}
    total = report_of(observation).total
    assert total.prompt + total.output == 130_213
    assert total.input == 0


def test_d4_an_exclusive_count_where_an_inclusive_is_expected_is_kept(report_of: Reporter) -> None:
    spans = span(
        gen_ai__usage__input_tokens=19,
        gen_ai__usage__cache_read_input_tokens=39_000,
        gen_ai__usage__output_tokens=1,
        gen_ai__response__model="claude-opus-5",
    )
    assert tokens(report_of(spans)) == (19, 0, 0, 39_000, 1)


def test_d4_the_count_of_the_api_itself_is_priced_as_it_is(report_of: Reporter) -> None:
    parts = report_of(message(input=19, r=39_000)).total.cost_parts
    assert (parts["input"], parts["read"]) == (Decimal("0.000095"), Decimal("0.0195"))


def test_d5_counters_of_a_delta_replace_those_of_the_start(report_of: Reporter) -> None:
    start = {"input_tokens": 2, "cache_creation_input_tokens": 47_119, "output_tokens": 4}
    delta = {
        "input_tokens": 2,
        "cache_creation_input_tokens": 47_119,
        "cache_read_input_tokens": 0,
        "output_tokens": 64,
    }
    assert tokens(report_of(*stream(start, delta))) == (2, 47_119, 0, 0, 64)


def test_d5_a_delta_with_only_output_keeps_the_start(report_of: Reporter) -> None:
    start = {"input_tokens": 2, "cache_read_input_tokens": 500, "output_tokens": 1}
    assert tokens(report_of(*stream(start, {"output_tokens": 9}))) == (2, 0, 0, 500, 9)
    assert tokens(report_of(*stream(start, {"input_tokens": None, "output_tokens": 9}))) == (2, 0, 0, 500, 9)


def test_d6_growth_that_a_delta_reports_is_counted_and_its_writes_live_five_minutes(report_of: Reporter) -> None:
    start = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 1000,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 0},
        "output_tokens": 1,
    }
    delta = {"input_tokens": 30, "cache_creation_input_tokens": 1400, "output_tokens": 50}
    assert tokens(report_of(*stream(start, delta))) == (30, 400, 1000, 0, 50)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"w": 344_139, "w1": 344_139}, "3.44139"),
        ({"w": 1_000_000, "w5": 600_000, "w1": 400_000}, "7.75"),
    ],
)
def test_d7_writes_for_an_hour_have_their_own_price(report_of: Reporter, usage: dict[str, int], cost: str) -> None:
    assert report_of(message(**usage)).total.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("usage", "written"),
    [
        ({"w": 1000, "w1": 400}, (600, 400)),
        ({"w": 1000}, (1000, 0)),
        ({"w5": 300, "w1": 200}, (300, 200)),
        ({"w": 100, "w5": 300, "w1": 200}, (300, 200)),
    ],
    ids=["partial breakdown", "no breakdown", "only the breakdown", "breakdown above the total"],
)
def test_d8_no_token_is_lost_between_total_and_breakdown(
    report_of: Reporter, usage: dict[str, int], written: tuple[int, int]
) -> None:
    total = report_of(message(**usage)).total
    assert (total.write_5m, total.write_1h) == written


def test_d8_a_contradiction_is_said(report_of: Reporter) -> None:
    notes = report_of(message(w=100, w5=300, w1=200)).notes
    assert notes[0] == "Counts of written tokens contradict one another in 1 request."


def test_d9_the_names_we_read_are_those_of_the_sdk() -> None:
    from anthropic.types import CacheCreation, ServerToolUsage, Usage

    from cachelint.report.sources.messages_usage import USAGE

    for model, names in (
        (Usage, ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")),
        (Usage, ("cache_creation", "server_tool_use", "service_tier", "inference_geo")),
        (CacheCreation, ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")),
        (ServerToolUsage, ("web_search_requests",)),
    ):
        for name in names:
            assert name in model.model_fields
            assert name in USAGE


def iteration(kind: str, model: str | None = None, **usage: int) -> dict[str, Any]:
    """An entry of `usage.iterations`."""
    return {"type": kind, **({"model": model} if model else {}), **message(**usage)["usage"]}


def test_d10_advisors_are_billed_at_their_own_model(report_of: Reporter) -> None:
    entries = [iteration("message", r=226_584, out=10), iteration("advisor_message", "claude-fable-5", input=159_419)]
    report = report_of(message(r=226_584, out=10, iterations=entries))
    assert {row.name: row.figures.cost for row in report.models} == {
        "claude-opus-5": Decimal("0.113542"),
        "claude-fable-5": Decimal("1.59419"),
    }
    assert report.total.requests == 1


def test_d10_compaction_is_billed_beside_the_answer(report_of: Reporter) -> None:
    entries = [iteration("compaction", input=1000, out=100), iteration("message", input=50, out=10)]
    assert tokens(report_of(message(input=50, out=10, iterations=entries))) == (1050, 0, 0, 0, 110)


def test_d11_a_declined_hop_is_free_and_the_top_level_is_not_added(report_of: Reporter) -> None:
    entries = [
        iteration("message", "claude-opus-5", input=1000),
        iteration("fallback_message", "claude-sonnet-5", input=1000, out=100),
    ]
    report = report_of(message("claude-sonnet-5", input=1000, out=100, iterations=entries))
    assert report.total.cost == Decimal("0.003")


def test_d12_the_context_is_that_of_the_last_answer_not_the_sum(report_of: Reporter) -> None:
    entries = [iteration("message", r=90_000, w=1000), iteration("message", r=91_000, w=500)]
    first = Conversation().ask(r=181_000, w=1500, usage=message(r=181_000, w=1500, iterations=entries)["usage"])
    following = first.ask(after=10, r=91_500, w=100)
    report = report_of(*following.records)
    assert (report.total.steps, report.total.healthy_steps) == (1, 1)


def test_d13_fast_mode_multiplies_cache_tokens_too(report_of: Reporter) -> None:
    assert report_of(message("claude-opus-4-8", w=44_667, speed="fast")).total.cost == Decimal("0.5583375")


def test_d14_the_speed_that_was_served_counts(report_of: Reporter) -> None:
    requested_fast = {**message("claude-opus-4-6", input=1_000_000), "speed": "fast"}
    requested_fast["usage"]["speed"] = "standard"
    requested_fast["timestamp"] = "2026-07-01T00:00:00Z"
    assert report_of(requested_fast).total.cost == Decimal(5)


def test_d14_fast_mode_without_a_price_is_not_guessed(report_of: Reporter) -> None:
    report = report_of({**message("claude-opus-4-6", input=10, speed="fast"), "timestamp": "2026-07-01T00:00:00Z"})
    [unpriced] = report.unpriced
    assert unpriced.reason == "no price for fast mode at that time"
    assert report.total.requests == 0


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("geo", [None, "us", "global"])
@pytest.mark.parametrize("speed", [None, "standard", "fast"])
def test_d15_parts_add_up_under_every_multiplier(
    report_of: Reporter, batch: bool, geo: str | None, speed: str | None
) -> None:
    usage = message(input=1234, w=777, w1=333, r=4321, out=99)["usage"]
    usage |= {"service_tier": "batch" if batch else "standard", "inference_geo": geo, "speed": speed}
    total = report_of({**message(), "usage": usage}).total
    assert total.cost == sum(part for part in total.cost_parts.values() if part is not None)
    factor = Decimal("0.5" if batch else "1") * Decimal("1.1" if geo == "us" else "1")
    factor *= 2 if speed == "fast" and not batch else 1
    plain = Decimal(1234 * 5 + 333 * 10 + 99 * 25) + Decimal(444) * Decimal("6.25") + Decimal(4321) * Decimal("0.5")
    assert total.cost == (plain * factor) / 1_000_000


@pytest.mark.parametrize(
    ("model", "geo", "cost"),
    [
        ("claude-opus-4-6", "us", "5.5"),
        ("claude-opus-4-5", "us", "5"),
        ("claude-opus-4-6", "not_available", "5"),
        ("claude-opus-4-6", None, "5"),
    ],
)
def test_d16_geography_counts_as_the_response_says_and_where_it_exists(
    report_of: Reporter, model: str, geo: str | None, cost: str
) -> None:
    report = report_of({**message(model, input=1_000_000, inference_geo=geo), "timestamp": "2026-06-01T00:00:00Z"})
    assert report.total.cost == Decimal(cost)


def transcript_line(uuid: str, id: str | None = "msg_1", **usage: int) -> dict[str, Any]:
    """One line of a Claude Code transcript."""
    response = message(id=id, **usage)
    return {
        "type": "assistant",
        "sessionId": "s",
        "uuid": uuid,
        "timestamp": "2026-11-20T10:00:00.123Z",
        "message": response,
    }


def test_d17_a_response_is_counted_once_across_lines_and_files(
    write_log: Callable[..., Path], report_on: Reporter
) -> None:
    lines = [transcript_line("u1", input=5, out=1), transcript_line("u2", input=5, out=1)]
    first, second = (
        write_log(lines, "one.jsonl"),
        write_log([*lines, transcript_line("u3", input=5, out=1)], "two.jsonl"),
    )
    report = report_on(first, second)
    assert tokens(report) == (5, 0, 0, 0, 1)
    assert report.inputs.duplicates == 4


def test_d18_the_most_complete_record_is_kept(report_of: Reporter) -> None:
    report = report_of(
        transcript_line("u1", input=5, out=1),
        transcript_line("u2", input=5, out=859),
        transcript_line("u3", input=5, out=3),
    )
    assert report.total.output == 859


def test_d19_equal_records_without_an_id_are_two_calls(report_of: Reporter) -> None:
    call = message(id=None, input=7, out=2)
    assert report_of(call, call).total.requests == 2


def test_d19_records_without_an_id_that_name_themselves_are_deduplicated(report_of: Reporter) -> None:
    line = transcript_line("u1", id=None, input=7, out=2)
    assert report_of(line, line).total.requests == 1
    assert report_of(line, {**line, "uuid": "u2"}).total.requests == 2


@pytest.mark.parametrize(
    ("model", "day", "read"),
    [
        ("claude-fable-5-1", "2026-11-01", "0.25"),
        ("claude-opus-5-5", "2026-11-01", "0.2"),
        ("claude-sonnet-5-5", "2026-10-06", "0.2"),
        ("claude-sonnet-5-5", "2026-10-07", "0.1"),
        ("claude-haiku-3", "2026-01-01", "0.03"),
    ],
)
def test_d20_reads_cost_what_the_model_and_day_say(report_of: Reporter, model: str, day: str, read: str) -> None:
    report = report_of({**message(model, r=50_000), "timestamp": f"{day}T12:00:00Z"})
    assert report.total.cost == Decimal(read) / 20


@pytest.mark.parametrize(
    "model", ["claude-opus-5-6", "claude-sonnet-5-1", "claude-fable-6", "claude-opus-4-10", "gpt-5"]
)
def test_d21_an_unknown_model_is_reported_and_not_priced_like_its_sibling(report_of: Reporter, model: str) -> None:
    report = report_of(message(model, input=100, out=5), message("claude-opus-5", id="msg_2", input=1, out=1))
    assert [(item.model, item.requests, item.tokens) for item in report.unpriced] == [(model, 1, 105)]
    assert report.total.requests == 1
    assert tokens(report) == (1, 0, 0, 0, 1)
    assert {row.name: row.figures.cost for row in report.models} == {"claude-opus-5": Decimal("0.00003"), model: None}


def test_d22_the_batch_discount_is_for_tokens_not_for_searches(report_of: Reporter) -> None:
    response = message(input=1_000_000, service_tier="batch", server_tool_use={"web_search_requests": 3})
    total = report_of(response).total
    assert total.cost_parts["input"] == Decimal("2.5")
    assert total.cost_parts["search"] == Decimal("0.03")


def test_d22_results_of_a_batch_are_batch_priced_at_any_date(report_of: Reporter) -> None:
    result = {"type": "succeeded", "message": message(input=1_000_000)}
    expired = {"custom_id": "b", "result": {"type": "expired"}}
    report = report_of({"custom_id": "a", "result": result}, expired)
    assert report.total.cost == Decimal("2.5")
    assert report.inputs.failed == 1


@pytest.mark.parametrize(("read", "cost"), [(149_000, "0.00795"), (99_000, "0.00109"), (99_001, "0.00545005")])
def test_d23_the_whole_prompt_chooses_the_tier_of_every_token(report_of: Reporter, read: int, cost: str) -> None:
    assert report_of(message("claude-haiku-5-5", input=1000, r=read)).total.cost == Decimal(cost)


def test_d24_a_refusal_before_any_output_is_free(report_of: Reporter) -> None:
    refusal = {**message(input=1000), "stop_reason": "refusal", "content": []}
    assert report_of(refusal).total.cost == 0
    late = {**message(input=1000, out=5), "stop_reason": "refusal", "content": [{"type": "text", "text": "I"}]}
    assert report_of(late).total.cost == Decimal("0.005125")


def test_d25_thinking_is_part_of_the_output(report_of: Reporter) -> None:
    assert report_of(message(out=100, output_tokens_details={"thinking_tokens": 80})).total.output == 100


SPELLINGS = {
    "SDK": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.response.model",
    ),
    "older convention": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.request.model",
    ),
    "OpenLLMetry": (
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.completion_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.response.model",
    ),
    "OpenInference": (
        "llm.token_count.prompt",
        "llm.token_count.completion",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_write",
        "llm.model_name",
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_d26_every_spelling_of_a_span_means_the_same(report_of: Reporter, spelling: str) -> None:
    attributes = dict(zip(SPELLINGS[spelling], (1000, 7, 600, 300, "claude-opus-5"), strict=True))
    assert tokens(report_of(span(**attributes))) == (100, 300, 0, 600, 7)


def test_d27_null_is_zero_and_the_impossible_is_refused_and_shown(report_of: Reporter) -> None:
    report = report_of(
        message(id="ok", input=5, r=None, w=None),
        message(id="negative", input=-5),
        message(id="fractional", input=1.5),
        message(id="absurd", input=10**18),
        '{"type":"message","id":"nan","model":"claude-opus-5","usage":{"input_tokens":NaN,"output_tokens":1}}',
    )
    assert tokens(report) == (5, 0, 0, 0, 0)
    [skipped] = report.inputs.skipped_lines
    assert (skipped.count, [sample.rpartition(":")[2] for sample in skipped.samples]) == (4, ["2", "3", "4"])


def test_d28_retries_are_not_calls(report_of: Reporter) -> None:
    conversation = Conversation().ask(input=5, out=1)
    [answered] = conversation.records
    failed = {**answered, "id": None, "status": 429, "error": "rate_limit_error", "usage": None}
    report = report_of(failed, {**answered, "attempt": 1})
    assert (report.total.requests, report.inputs.failed) == (1, 1)


def test_d29_the_output_of_a_cut_stream_is_unknown_and_its_input_counts(report_of: Reporter) -> None:
    report = report_of(*stream({"input_tokens": 900, "output_tokens": 3}))
    assert tokens(report) == (900, 0, 0, 0, 0)
    assert report.notes[0] == "Output unknown, and counted as 0: 1 request whose stream was cut off."


def test_d30_converse_responses_of_bedrock(report_of: Reporter) -> None:
    usage = {
        "inputTokens": 10,
        "outputTokens": 20,
        "cacheReadInputTokens": 300,
        "cacheWriteInputTokens": 1000,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 600}, {"ttl": "5m", "inputTokens": 400}],
    }
    response = {
        "ResponseMetadata": {"RequestId": "r1"},
        "modelId": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "stopReason": "end_turn",
        "usage": usage,
    }
    report = report_of(response)
    assert tokens(report) == (10, 400, 600, 300, 20)
    assert report.total.cost == Decimal("0.00552")


def test_d31_the_baseline_has_the_same_multipliers(report_of: Reporter) -> None:
    report = report_of(message("claude-opus-4-8", r=1_000_000, speed="fast", inference_geo="us"))
    assert report.total.cost_without_cache == Decimal(11)


def test_d32_nothing_written_is_not_a_hit(report_of: Reporter) -> None:
    assert report_of(message(input=1000, w=0, r=0)).total.hit_ratio.value == 0.0


def test_a_ratio_without_anything_to_divide_by_is_not_available(report_of: Reporter) -> None:
    report = report_of(message(out=1))
    assert report.total.hit_ratio.value is None
    assert report.total.continuity.value is None


def test_a_price_file_goes_before_all_others(report_of: Reporter, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    row = 'input = "1"\nwrite_5m = "2"\nwrite_1h = "3"\nread = "0.5"\noutput = "4"\n'
    prices.write_text(f'[[prices]]\nmodel = "my-model"\n{row}', encoding="utf-8")
    report = report_of(message("my-model", input=1_000_000), options=Options(prices=prices))
    assert report.total.cost == 1


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "294000-01-01", "yesterday", 1e300, -5]
)
def test_impossible_times_are_no_times(report_of: Reporter, moment: object) -> None:
    payload = {"id": "1", "model": "claude-opus-5", "prompt_tokens": 5, "startTime": moment}
    for record in ({**message(input=5), "timestamp": moment}, payload):
        report = report_of(record)
        assert (report.total.input, report.first) == (5, None)


def test_money_is_exact_at_any_size(report_of: Reporter) -> None:
    most = 1_000_000_000_000
    records = [message("claude-fable-5", f"msg_{n}", input=most, w=most, w1=most, r=most, out=most) for n in range(3)]
    assert report_of(*records).total.cost == 3 * Decimal(1_000_000) * (10 + 20 + 1 + 50)


def test_entries_are_billed_although_the_response_names_no_model(report_of: Callable[..., Report]) -> None:
    response = message(model="claude-opus-5", input=10, out=10)
    response["model"] = None
    response["usage"]["iterations"] = [
        {"type": "message", "model": "claude-opus-5", "input_tokens": 1_000_000, "output_tokens": 0}
    ]

    assert report_of(response).total.cost == Decimal(5)
