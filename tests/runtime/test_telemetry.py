"""With OpenTelemetry set up, the SDK's span learns what only we know, and the counters become metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import pytest

import cachelint
from cachelint.testing import ApiServer

pytest.importorskip("opentelemetry.sdk", reason="needs the SDK of OpenTelemetry")

from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

PROMPT: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 9,
    "cache_control": {"type": "ephemeral"},
    "messages": [{"role": "user", "content": "Hi"}],
}


@pytest.mark.parametrize("stream", [False, True])
def test_the_span_of_the_sdk(stream: bool, server: ApiServer, log: Path) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    plain = anthropic.Anthropic(base_url=server.url, api_key="key", open_telemetry={"tracer_provider": provider})
    client = cachelint.track(plain, log)
    for second in (1, 2):
        system = f"It is 16:00:0{second}. {'Be brief. ' * 900}"
        with cachelint.session("ticket 1"):
            response = client.messages.create(**PROMPT, system=system, stream=stream)
        if stream:
            list(response)

    first, second = (span.attributes or {} for span in exporter.get_finished_spans())
    assert first["cachelint.call_site"].startswith("tests/runtime/test_telemetry.py:")
    assert first["gen_ai.conversation.id"] == "ticket 1"
    assert (first["cachelint.prompt.blocks"], first["cachelint.prompt.breakpoints"]) == (2, 1)
    assert first["gen_ai.usage.cache_write.input_tokens"] > 0
    assert second["cachelint.divergence.position"] == "system[0]"
    assert second["cachelint.divergence.after"] == "time"


def test_a_span_of_the_program_is_left_alone(client: anthropic.Anthropic) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("app").start_as_current_span("work"):
        client.messages.create(**PROMPT)
    assert not exporter.get_finished_spans()[0].attributes


def test_the_counters_are_metrics(client: anthropic.Anthropic, monkeypatch: pytest.MonkeyPatch, records: Any) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr(metrics._internal, "_METER_PROVIDER", provider)
    for _ in range(2):
        client.messages.create(**PROMPT, system="Be brief. " * 900)

    collected = reader.get_metrics_data()
    assert collected is not None
    points = {
        metric.name: metric.data.data_points[0]
        for resource in collected.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    usages = [record["usage"] for record in records()]
    written = sum(usage["cache_creation_input_tokens"] for usage in usages)
    read = sum(usage["cache_read_input_tokens"] for usage in usages)
    fresh = sum(usage["input_tokens"] for usage in usages)
    assert points["gen_ai.usage.cache_write.input_tokens"].value == written
    assert points["gen_ai.usage.cache_read.input_tokens"].value == read
    assert points["gen_ai.usage.input_tokens"].value == written + read + fresh
    assert points["gen_ai.usage.output_tokens"].value == sum(usage["output_tokens"] for usage in usages)
    assert points["gen_ai.client.operation.duration"].count == 2
    assert points["gen_ai.usage.output_tokens"].attributes["gen_ai.response.model"] == "claude-opus-4-8"
