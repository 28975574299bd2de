"""The kinds of clients that `bench_shim.py` compares: the plain SDK, ours, and other observers of the same calls.

What is not installed is left out. All of them trace to an exporter that does nothing. OpenLLMetry and OpenInference
change the SDK's classes for the whole process, so they are switched on and off around each call, outside the measured
time.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anthropic
import httpx2
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

import cachelint

Answer = Callable[[httpx2.Request], httpx2.Response]


def _nothing() -> None:
    return


@dataclass(frozen=True)
class Kind:
    """A way of making the same calls."""

    name: str
    client: anthropic.Anthropic
    start: Callable[[], Any] = field(default=_nothing)
    """Before each call, outside the measured time."""
    stop: Callable[[], Any] = field(default=_nothing)


class NullExporter(SpanExporter):
    """Takes spans and does nothing with them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Always successful."""
        return SpanExportResult.SUCCESS


def kinds(answer: Answer, folder: Path) -> list[Kind]:
    """All kinds whose packages are installed; the first is the plain SDK."""
    # They warn of spans with more attributes than fit, and of being switched on twice.
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    return [
        Kind("plain", client(answer)),
        Kind("cachelint", cachelint.track(client(answer), folder / "usage.jsonl")),
        Kind("SDK tracing", client(answer, open_telemetry={"tracer_provider": _provider()})),
        *_openllmetry(answer),
        *_openinference(answer),
        *_logfire(answer),
    ]


def client(answer: Answer, **options: Any) -> anthropic.Anthropic:
    """A client that is answered from memory, and not traced unless the options say so."""
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return anthropic.Anthropic(api_key="key", http_client=http, **{"open_telemetry": False, **options})


def _provider() -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(NullExporter()))
    return provider


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _openllmetry(answer: Answer) -> Iterator[Kind]:
    if _is_installed("opentelemetry.instrumentation.anthropic"):
        from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

        yield _switched("OpenLLMetry", answer, AnthropicInstrumentor())


def _openinference(answer: Answer) -> Iterator[Kind]:
    if _is_installed("openinference.instrumentation.anthropic"):
        from openinference.instrumentation.anthropic import AnthropicInstrumentor

        yield _switched("OpenInference", answer, AnthropicInstrumentor())


def _switched(name: str, answer: Answer, instrumentor: Any) -> Kind:
    provider = _provider()
    return Kind(
        name,
        client(answer),
        lambda: instrumentor.instrument(tracer_provider=provider),
        lambda: instrumentor.uninstrument(),
    )


def _logfire(answer: Answer) -> Iterator[Kind]:
    if _is_installed("logfire"):
        import logfire

        processor = SimpleSpanProcessor(NullExporter())
        logfire.configure(
            local=True,
            send_to_logfire=False,
            console=False,
            additional_span_processors=[processor],
            inspect_arguments=False,
        )
        observed = client(answer)
        logfire.instrument_anthropic(observed)
        yield Kind("Logfire", observed)
