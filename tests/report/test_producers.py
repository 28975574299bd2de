"""Logs as other programs really write them, captured by `fixtures/logs/producers/capture.py`: figures are the API's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_logs import message

from cachelint.report.figures import Figures, Report

Reporter = Callable[..., Report]
WriteLog = Callable[..., Path]
LOGS = "fixtures/logs/producers"


def as_openllmetry_records(expected: dict[str, int]) -> dict[str, int]:
    """It knows no lifetimes, and adds the placeholder count of a stream's start to its final count (D5)."""
    written = expected["write_5m"] + expected["write_1h"]
    return expected | {"write_5m": written, "write_1h": 0, "output": expected["output"] + 1}


def counts(figures: Figures) -> dict[str, int]:
    """Requests and tokens by class."""
    return {name: getattr(figures, name) for name in ("requests", "input", "write_5m", "write_1h", "read", "output")}


@pytest.mark.parametrize(
    "log",
    [
        "anthropic-sdk.otlp.jsonl",
        "anthropic-sdk.console.txt",
        "openinference.otlp.jsonl",
        "openinference.console.txt",
        "openllmetry.otlp.jsonl",
        "openllmetry.console.txt",
        "logfire.otlp.jsonl",
        "logfire.console.txt",
        "litellm.payload.jsonl",
    ],
)
def test_every_producer_gives_the_figures_of_the_api(log: str, repository: Path, report_on: Reporter) -> None:
    folder = repository / LOGS
    producer = log.partition(".")[0]
    expected = json.loads((folder / f"{producer}.expected.json").read_text())
    report = report_on(folder / log)
    assert counts(report.total) == (as_openllmetry_records(expected) if producer == "openllmetry" else expected)
    assert report.inputs.skipped_lines == ()
    assert report.inputs.failed == (0 if producer == "litellm" else 1)


def test_two_exporters_of_one_program_are_one_log(repository: Path, report_on: Reporter) -> None:
    folder = repository / LOGS
    for producer in ("anthropic-sdk", "openinference", "logfire"):
        report = report_on(folder / f"{producer}.otlp.jsonl", folder / f"{producer}.console.txt")
        assert (report.total.requests, report.inputs.duplicates) == (3, 3)


def test_a_response_of_converse(repository: Path, report_on: Reporter) -> None:
    report = report_on(repository / LOGS / "bedrock-converse.json")
    assert counts(report.total) == {
        "requests": 1, "input": 7, "write_5m": 400, "write_1h": 600, "read": 8100, "output": 31,
    }  # fmt: skip
    assert report.first is not None  # the HTTP header says when


USAGE = {"requests": 1, "input": 1, "write_5m": 30, "write_1h": 20, "read": 60, "output": 5}
MESSAGE = message(id="msg_bdrk", input=1, w=50, w5=30, w1=20, r=60, out=5)
CONVERSE = {
    "inputTokens": 1, "outputTokens": 5, "cacheReadInputTokens": 60, "cacheWriteInputTokens": 50,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 20}, {"ttl": "5m", "inputTokens": 30}],
}  # fmt: skip
MODEL = "us.anthropic.claude-opus-5-v1:0"
LOGGED_INPUT = {"inputTokenCount": 1, "cacheReadInputTokenCount": 60, "cacheWriteInputTokenCount": 50}


def invocation(body: object) -> dict[str, Any]:
    """One entry of Bedrock's log of model invocations."""
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2026-11-20T10:00:00Z",
        "requestId": "r1",
        "modelId": MODEL,
        "input": {"inputContentType": "application/json", "inputBodyJson": {"messages": []}, **LOGGED_INPUT},
        "output": {"outputContentType": "application/json", "outputTokenCount": 5, "outputBodyJson": body},
    }


STREAMED = [
    {"type": "message_start", "message": {**MESSAGE, "usage": MESSAGE["usage"] | {"output_tokens": 1}}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Yes."}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
]


@pytest.mark.parametrize(
    "record",
    [
        invocation({"stopReason": "end_turn", "usage": CONVERSE}),
        invocation([{"messageStart": {"role": "assistant"}}, {"metadata": {"usage": CONVERSE}}]),
        invocation({"id": "msg_bdrk", "usage": MESSAGE["usage"]}),
        invocation(STREAMED),
        {"recordId": "R1", "modelInput": {}, "modelOutput": MESSAGE},
    ],
    ids=["Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream", "batch"],
)
def test_invocation_logs_of_bedrock(record: dict[str, Any], report_of: Reporter) -> None:
    report = report_of(record)
    assert counts(report.total) == USAGE
    assert report.inputs.skipped_lines == ()


def test_an_invocation_whose_body_was_not_logged_has_its_totals(report_of: Reporter) -> None:
    record = invocation(None)
    assert counts(report_of(record).total) == USAGE | {"write_5m": 50, "write_1h": 0}


def test_batches_of_bedrock_are_batch_priced_and_failures_are_free(report_of: Reporter) -> None:
    answered = {"recordId": "R1", "modelInput": {}, "modelOutput": message(input=1_000_000)}
    refused = {"recordId": "R2", "modelInput": {}, "error": {"errorCode": 400, "errorMessage": "no"}}
    throttled = {**invocation(None), "errorCode": "ThrottlingException", "input": {}, "output": {}}
    report = report_of(answered, refused, throttled)
    assert (str(report.total.cost), report.inputs.failed) == ("2.5", 2)


OBSERVATION = {
    "traceId": "t1", "sessionId": "s1", "projectId": "p", "type": "GENERATION", "name": "answer", "level": "DEFAULT",
    "startTime": "2026-11-20T10:00:00.123Z", "model": "claude-opus-5", "modelId": "cm123", "metadata": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "details",
    [
        {
            "input": 1, "output": 5, "total": 116, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 50,
            "cache_creation_ephemeral_5m_input_tokens": 30, "cache_creation_ephemeral_1h_input_tokens": 20,
        },
        {
            "input": 0, "output": 5, "total": 116, "input_cache_read": 60, "input_cache_creation": 50,
            "input_ephemeral_5m_input_tokens": 30, "input_ephemeral_1h_input_tokens": 20,
        },
        {
            "input": "1", "output": "5", "total": "116", "input_cache_read": "60",
            "input_cache_creation_5m": "30", "input_cache_creation_1h": "20",
        },
        {
            "input": 111, "output": 5, "total": 116, "input_cached_tokens": 60, "input_cache_creation_1h": 20,
            "cache_creation_input_tokens": 30,
        },
    ],
    ids=["SDK", "LangChain, which subtracts too much", "export of ClickHouse", "inclusive input"],
)  # fmt: skip
def test_observations_of_langfuse(details: dict[str, Any], report_of: Reporter) -> None:
    for usage in (details, json.dumps(details)):
        report = report_of({**OBSERVATION, "id": "o1", "usageDetails": usage})
        assert counts(report.total) == USAGE
        assert report.inputs.sources == {"Langfuse exports": 1}


def test_only_generations_of_langfuse_are_calls(report_of: Reporter) -> None:
    report = report_of(
        {**OBSERVATION, "id": "o1", "usageDetails": {"input": 5, "output": 1}},
        {**OBSERVATION, "id": "o2", "type": "AGENT", "usageDetails": {"input": 5, "output": 1}},
        {**OBSERVATION, "id": "o3", "type": "SPAN", "usageDetails": {}},
        {**OBSERVATION, "id": "o4", "level": "ERROR", "usageDetails": {}},
    )
    assert (report.total.requests, report.inputs.failed, report.inputs.skipped_lines) == (1, 1, ())


def test_older_exports_of_langfuse(report_of: Reporter) -> None:
    usage = {"usage": {"input": 111, "output": 5, "total": 116, "unit": "TOKENS"}, "usageDetails": {}}
    named = {"usage_details": {"input": 111, "output": 5}, "provided_model_name": "claude-opus-5", "trace_id": "t"}
    start = {"start_time": "2026-11-20 10:00:00.000"}
    report = report_of({**OBSERVATION, "id": "o1", **usage}, {"id": "o2", "type": "GENERATION", **named, **start})
    assert (report.total.requests, report.total.input, report.total.output) == (2, 222, 10)


SPEND = {
    "request_id": "chatcmpl-1", "call_type": "acompletion", "model": "claude-opus-5", "status": "success",
    "startTime": "2026-11-20 10:00:00.764000+00:00", "prompt_tokens": 111, "completion_tokens": 5, "session_id": "s",
    "cache_hit": "False",
}  # fmt: skip
LITELLM_USAGE = {
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 50,
    "prompt_tokens_details": {
        "cache_creation_token_details": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 20}
    },
}


@pytest.mark.parametrize("key", ["usage_object", "additional_usage_values"])
def test_spend_logs_of_litellm_keep_their_metadata_as_text(key: str, report_of: Reporter) -> None:
    usage = LITELLM_USAGE | ({"prompt_tokens": 111, "completion_tokens": 5} if key == "usage_object" else {})
    metadata = {"usage_object": None, key: usage}
    for written in (metadata, json.dumps(metadata)):
        assert counts(report_of({**SPEND, "metadata": written}).total) == USAGE


def test_what_litellm_answered_from_its_own_cache_is_no_request(report_of: Reporter) -> None:
    report = report_of(
        SPEND, {**SPEND, "request_id": "2", "cache_hit": "True"}, {**SPEND, "request_id": "3", "cache_hit": True}
    )
    assert (report.total.requests, report.inputs.skipped_lines) == (1, ())


def test_calls_of_litellm_without_a_session_are_not_one_conversation(report_of: Reporter) -> None:
    payload = {"call_type": "completion", "session_id": "", "model": "claude-opus-5", "completion_tokens": 1}
    calls = ({**payload, "id": f"c{n}", "startTime": 1795168800.5 + n, "prompt_tokens": 9_000} for n in range(3))
    assert report_of(*calls).total.steps == 0


def test_geography_and_speed_of_litellm_are_priced(report_of: Reporter) -> None:
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0, "inference_geo": "us", "speed": "fast"}
    assert str(report_of({"id": "c", "model": "claude-opus-5", "usage": usage}).total.cost) == "11"


def test_what_claude_code_prints_has_its_sums_at_the_end(report_of: Reporter) -> None:
    session = {"session_id": "s", "uuid": "u"}
    answer = message(input=5, out=2)
    report = report_of(
        {"type": "system", "subtype": "init", "session_id": "s", "model": "claude-opus-5", "tools": []},
        {"type": "assistant", "message": answer, "parent_tool_use_id": None, **session},
        {"type": "assistant", "message": answer, "parent_tool_use_id": None, **session, "uuid": "u2"},
        {"type": "user", "message": {"role": "user", "content": []}, **session},
        {"type": "result", "subtype": "success", "session_id": "s", "total_cost_usd": 1, "usage": answer["usage"]},
    )
    assert (report.total.requests, report.total.input, report.inputs.skipped_lines) == (1, 5, ())


@pytest.mark.parametrize(
    "record",
    [
        {"ts": 1795168800.5, "request": {"model": "claude-opus-5"}, "response": message(input=5)},
        {"time": 1795168800500, "response": message(input=5)},
        {"timestamp": "2026-11-20T10:00:00.5Z", "response": {"status_code": 200, "body": message(input=5)}},
        {"created_at": "2026-11-20T11:00:00.5+01:00", "body": message(input=5)},
    ],
)
def test_responses_inside_records_of_somebody_s_own(record: dict[str, Any], report_of: Reporter) -> None:
    report = report_of(record)
    assert (report.total.requests, report.total.input) == (1, 5)
    assert report.first is not None
    assert report.first.isoformat() == "2026-11-20T10:00:00.500000"


def test_spans_that_sum_up_calls_are_not_calls(report_of: Reporter) -> None:
    counted = {
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.response.model": "claude-opus-5",
    }
    report = report_of(
        {"attributes": {**counted, "gen_ai.operation.name": "invoke_agent"}},
        {"attributes": {**counted, "openinference.span.kind": "AGENT"}},
        {"attributes": {**counted, "gen_ai.operation.name": "chat", "gen_ai.response.id": "msg_1"}},
    )
    assert (report.total.requests, report.total.input) == (1, 100)


def test_findings_that_the_shim_left_on_the_span_of_the_sdk_are_read(report_of: Reporter) -> None:
    def span(number: int, **extra: Any) -> dict[str, Any]:
        attributes = {
            "gen_ai.operation.name": "chat", "gen_ai.response.model": "claude-opus-5",
            "gen_ai.response.id": f"msg_{number}", "gen_ai.conversation.id": "s", "cachelint.call_site": "app.py:7",
            "gen_ai.usage.input_tokens": 9_000, "gen_ai.usage.cache_write.input_tokens": 9_000,
            "gen_ai.usage.output_tokens": 1, **extra,
        }  # fmt: skip
        return {
            "name": "anthropic.messages.create",
            "start_time": f"2026-11-20T10:00:{number:02}Z",
            "attributes": attributes,
        }

    place = {"cachelint.divergence.position": "system[0]", "cachelint.divergence.offset": 12}
    kind = {
        "cachelint.divergence.tier": "system",
        "cachelint.divergence.change": "text",
        "cachelint.divergence.after": "uuid",
    }
    [miss] = report_of(span(1), span(2, **place, **kind)).misses
    assert (miss.code, miss.call_site, miss.detail) == (
        "CL802",
        "app.py:7",
        "diverges at system[0]+12, looks like a uuid",
    )
