"""Ways in which records are wrapped, spelled and recorded that their producers do not document, and people have."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from made_logs import message

from cachelint.report.figures import Report
from cachelint.report.sources import SOURCES

Reporter = Callable[..., Report]

RESPONSE = message(input=1, w=50, r=60, out=5)
OBSERVATION = {
    "traceId": "t",
    "type": "GENERATION",
    "model": "claude-opus-5",
    "startTime": "2026-11-20T10:00:00.000Z",
    "usageDetails": {"input": 1, "output": 5, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 50},
}
ATTRIBUTES = {
    "gen_ai.response.model": ("string", "claude-opus-5"),
    "gen_ai.usage.input_tokens": ("int", "111"),
    "gen_ai.usage.output_tokens": ("int", "5"),
    "gen_ai.usage.cache_read.input_tokens": ("int", "60"),
    "gen_ai.usage.cache_creation.input_tokens": ("int", "50"),
}


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Requests, and tokens: uncached, written, read, output."""
    total = report.total
    return total.requests, total.input, total.writes, total.read, total.output


def events() -> str:
    """The response as a stream."""
    start = {"type": "message_start", "message": {**RESPONSE, "usage": {**RESPONSE["usage"], "output_tokens": 1}}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in (start, delta))


def test_a_stream_below_the_headers_of_its_response(tmp_path: Path, report_on: Reporter) -> None:
    dump = tmp_path / "dump.txt"
    dump.write_text("HTTP/2 200 \r\ndate: Fri, 20 Nov 2026 10:00:00 GMT\r\n\r\n" + events())
    assert counts(report_on(dump)) == (1, 1, 50, 60, 5)


@pytest.mark.parametrize(
    "lines",
    [
        [{"data": [{**OBSERVATION, "id": "a"}]}, {"data": [{**OBSERVATION, "id": "b"}]}],
        [{"id": "t", "sessionId": "s", "observations": [{**OBSERVATION, "id": name}]} for name in "ab"],
        [{"data": [{"id": "t", "observations": [{**OBSERVATION, "id": name} for name in "ab"]}], "meta": {"page": 1}}],
    ],
    ids=["pages", "traces", "a page of traces"],
)
def test_records_inside_pages_and_traces(lines: list[dict[str, Any]], report_of: Reporter) -> None:
    assert counts(report_of(*lines)) == (2, 2, 100, 120, 10)


def test_observations_belong_to_the_session_of_their_trace(report_of: Reporter) -> None:
    later = {**OBSERVATION, "id": "b", "traceId": "u", "startTime": "2026-11-20T10:01:00.000Z"}
    long = {"input": 1, "output": 5, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 5_000}
    traces = [
        {"id": "t", "sessionId": "s", "observations": [{**OBSERVATION, "id": "a", "usageDetails": long}]},
        {"id": "u", "sessionId": "s", "observations": [{**later, "usageDetails": long}]},
    ]
    assert report_of(*traces).total.steps == 1


def test_otlp_of_older_collectors_and_of_protobuf_in_python(report_of: Reporter) -> None:
    plain = [{"key": key, "value": {f"{kind}Value": value}} for key, (kind, value) in ATTRIBUTES.items()]
    snake = [{"key": key, "value": {f"{kind}_value": value}} for key, (kind, value) in ATTRIBUTES.items()]
    older = {"spans": [{"spanId": "1", "startTimeUnixNano": "1795000000000000000", "attributes": plain}]}
    python = {"spans": [{"span_id": "2", "start_time_unix_nano": "1795000000000000000", "attributes": snake}]}
    assert counts(report_of({"resourceSpans": [{"instrumentationLibrarySpans": [older]}]})) == (1, 1, 50, 60, 5)
    assert counts(report_of({"resource_spans": [{"scope_spans": [python]}]})) == (1, 1, 50, 60, 5)


def test_events_of_cloudwatch_have_the_record_as_text(report_of: Reporter) -> None:
    usage = {"inputTokens": 1, "outputTokens": 5, "cacheReadInputTokens": 60, "cacheWriteInputTokens": 50}
    record = {
        "schemaType": "ModelInvocationLog",
        "requestId": "r",
        "modelId": "anthropic.claude-opus-5",
        "output": {"outputBodyJson": {"usage": usage}},
    }
    assert counts(report_of({"events": [{"timestamp": 1, "message": json.dumps(record)}]})) == (1, 1, 50, 60, 5)


def test_counters_beside_the_model_in_a_record_of_somebody_s_own(report_of: Reporter) -> None:
    flat = {"model": "claude-opus-5", "time": "2026-11-20T10:00:00Z", **RESPONSE["usage"]}
    assert counts(report_of(flat)) == (1, 1, 50, 60, 5)


def cassette(body: object, key: str = "interactions", name: str = "body") -> dict[str, Any]:
    """One recorded request of VCR."""
    headers = {"Date": ["Fri, 20 Nov 2026 10:00:00 GMT"], "content-type": ["application/json"]}
    return {key: [{"request": {"method": "POST"}, "response": {"headers": headers, name: body}}], "version": 1}


@pytest.mark.parametrize(
    "document",
    [
        cassette({"string": json.dumps(RESPONSE)}),
        cassette({"string": gzip.compress(json.dumps(RESPONSE).encode())}),
        cassette({"string": events()}),
        cassette(RESPONSE, name="parsed_body"),
        cassette({"encoding": "UTF-8", "string": json.dumps(RESPONSE)}, key="http_interactions"),
        cassette(
            {"string": json.dumps({"custom_id": "c", "result": {"type": "succeeded", "message": RESPONSE}}) + "\n"}
        ),
    ],
    ids=["text", "compressed", "stream", "parsed", "ruby", "batch"],
)
def test_cassettes(document: dict[str, Any], tmp_path: Path, report_on: Reporter) -> None:
    (tmp_path / "settings.yaml").write_text("version: 1\nservices: {}\n")
    (tmp_path / "call.yaml").write_text(yaml.safe_dump(document))
    report = report_on(tmp_path)
    assert counts(report) == (1, 1, 50, 60, 5)
    assert report.first is not None
    assert report.inputs.files == (str(tmp_path / "call.yaml"),)


def test_a_cassette_in_json(tmp_path: Path, report_on: Reporter) -> None:
    path = tmp_path / "call.json"
    path.write_text(json.dumps(cassette({"string": json.dumps(RESPONSE)}), indent=1))
    assert counts(report_on(path)) == (1, 1, 50, 60, 5)


def test_a_cassette_of_nothing_that_is_known(tmp_path: Path, report_on: Reporter) -> None:
    path = tmp_path / "call.yaml"
    path.write_text(yaml.safe_dump(cassette({"string": base64.b64encode(b"not JSON").decode()})))
    report = report_on(path)
    assert report.total.requests == 0
    assert [skipped.reason for skipped in report.inputs.skipped_files] == ["no usage log"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["usage", "response", "body", "message", "result", "metadata"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["usage", "response", "body", "message", "data", "attributes", "schema"]), JSON))
def test_no_line_is_too_odd_to_be_recognised_or_not(record: dict[str, Any]) -> None:
    for source in SOURCES:
        assert source.recognises(record) in (True, False)


def test_a_cassette_of_bedrock_names_the_model_in_the_address(tmp_path: Path, report_on: Reporter) -> None:
    usage = {"inputTokens": 1, "outputTokens": 5, "cacheReadInputTokens": 60, "cacheWriteInputTokens": 50}
    document = cassette({"string": json.dumps({"output": {}, "stopReason": "end_turn", "usage": usage})})
    model = "us.anthropic.claude-opus-4-5-20251101-v1%3A0"
    document["interactions"][0]["request"]["uri"] = f"https://bedrock.example/model/{model}/converse"
    path = tmp_path / "call.yaml"
    path.write_text(yaml.safe_dump(document))
    report = report_on(path)
    assert [row.name for row in report.models] == ["us.anthropic.claude-opus-4-5-20251101-v1:0"]
    assert counts(report) == (1, 1, 50, 60, 5)


@pytest.mark.parametrize("kilobytes", [300, 900])
def test_a_response_whose_usage_stands_behind_a_long_text(kilobytes: int, report_of: Reporter) -> None:
    content = [{"type": "text", "text": "x" * 1024 * kilobytes}]
    assert counts(report_of({"content": content, **RESPONSE})) == (1, 1, 50, 60, 5)
