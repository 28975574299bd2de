"""OpenTelemetry: our findings on the SDK's own span, and the counters as metrics, where the program has them set up.

Nothing here imports OpenTelemetry. A program that traces or measures has imported it, and only then is there anybody
to tell. Names are the SDK's where it has one; the total of input tokens includes what was read from the cache and
written to it, as the SDK counts.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

from cachelint.runtime.record import UsageRecord

_SDK_SCOPE = "com.anthropic.sdk.python"
_METER = "cachelint"

_COUNTERS = {
    "gen_ai.usage.input_tokens": ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
    "gen_ai.usage.cache_read.input_tokens": ("cache_read_input_tokens",),
    "gen_ai.usage.cache_write.input_tokens": ("cache_creation_input_tokens",),
    "gen_ai.usage.output_tokens": ("output_tokens",),
}
_NOBODY = frozenset({"_ProxyMeterProvider", "NoOpMeterProvider"})
"""The providers of a program that has not set up metrics."""

_NAMED_PROVIDER = os.environ.get("OTEL_PYTHON_METER_PROVIDER")
"""Of a program whose provider is made when it is first asked for."""

_DURATION = "gen_ai.client.operation.duration"


def sdk_span() -> Any:
    """The span of the SDK's call that is being made, if it is recorded; else None."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    span = trace.get_current_span()
    if not span.is_recording():
        return None
    scope = getattr(span, "instrumentation_scope", None)
    return span if getattr(scope, "name", None) == _SDK_SCOPE else None


def emit(span: Any, record: UsageRecord) -> None:
    """Tells the span and the meter, where there are any."""
    if span is not None:
        span.set_attributes(span_attributes(record))
    metrics = sys.modules.get("opentelemetry.metrics")
    if metrics is not None and record["kind"] == "messages":
        _measure(metrics, record)


def span_attributes(record: UsageRecord) -> dict[str, Any]:
    """What the SDK does not know of its request."""
    attributes: dict[str, Any] = {
        "gen_ai.conversation.id": record["session"],
        "cachelint.call_site": record["call_site"],
        "cachelint.prompt.blocks": record["blocks"],
        "cachelint.prompt.breakpoints": len(record["markers"]) + (record["automatic"] is not None),
    }
    divergence = record.get("divergence")
    if divergence is not None:
        for name in ("tier", "position", "offset", "change", "before", "after", "tokens_at_risk"):
            attributes[f"cachelint.divergence.{name}"] = divergence.get(name)
    return {name: value for name, value in attributes.items() if value is not None}


def _measure(metrics: Any, record: UsageRecord) -> None:
    if _nobody_measures():
        return
    provider = metrics.get_meter_provider()
    if type(provider).__name__ in _NOBODY:
        return
    counters, duration = _instruments(provider, metrics)
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": record["model_requested"],
        "gen_ai.response.model": record["model"],
        "error.type": record["error"],
    }
    attributes = {name: value for name, value in attributes.items() if value is not None}
    duration.record(record["duration_ms"] / 1000, attributes)
    usage = record.get("usage", {})
    for name, parts in _COUNTERS.items():
        tokens = sum(usage.get(part) or 0 for part in parts)
        if tokens:
            counters[name].add(tokens, attributes)


def _nobody_measures() -> bool:
    """Whether certainly no provider has been set: asking for one takes longer than all the rest."""
    internal = sys.modules.get("opentelemetry.metrics._internal")
    return _NAMED_PROVIDER is None and getattr(internal, "_METER_PROVIDER", internal) is None


@cache
def _instruments(provider: Any, metrics: Any) -> tuple[dict[str, Any], Any]:
    meter = metrics.get_meter(_METER, meter_provider=provider)
    return {name: meter.create_counter(name, unit="{token}") for name in _COUNTERS}, meter.create_histogram(
        _DURATION, unit="s"
    )
