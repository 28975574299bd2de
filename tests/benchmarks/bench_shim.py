"""What the shim costs: each kind of client makes the same calls in turn, and differences within a round are compared.

    python tests/benchmarks/bench_shim.py [--rounds N]

No network: the HTTP client answers from memory. Prints medians of the overhead in microseconds of processor time over
the plain SDK, and their ratio to that of the SDK's own tracing with an exporter that does nothing. Absolute times vary
from machine to machine and hour to hour; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anthropic
import httpx2
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from tabulate import tabulate

import cachelint

MODEL = "claude-opus-4-8"
DELTAS = 100
WARM_UP = 20

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "Yes."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0},
}


class NullExporter(SpanExporter):
    """Takes spans and does nothing with them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Always successful."""
        return SpanExportResult.SUCCESS


def conversation(turns: int, length: int) -> list[dict[str, Any]]:
    """A history of so many messages of so many characters each."""
    return [
        {"role": ("user", "assistant")[n % 2], "content": [{"type": "text", "text": f"{n} " + "word " * (length // 5)}]}
        for n in range(turns)
    ]


def body(history: Sequence[Mapping[str, Any]], round_number: int) -> dict[str, Any]:
    """The request of one round: the same history every time, as a program keeps it, and a new question at its end."""
    question = {"role": "user", "content": f"Question {round_number}?"}
    return {"model": MODEL, "max_tokens": 9, "system": SYSTEM, "messages": [*history, question]}


SYSTEM = [{"type": "text", "text": "Be brief. " * 200, "cache_control": {"type": "ephemeral"}}]
SIZES: Mapping[str, tuple[int, int]] = {"4 KB, 4 blocks": (2, 800), "196 KB, 88 blocks": (86, 2_240)}


def stream() -> bytes:
    """A streamed response with many deltas."""
    start = {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a few words "}}
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 300}}
    events = [
        start,
        block,
        *[delta] * DELTAS,
        {"type": "content_block_stop", "index": 0},
        stop,
        {"type": "message_stop"},
    ]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


STREAM = stream()


def answer(request: httpx2.Request) -> httpx2.Response:
    """A message, or a stream of which each event is a chunk of its own."""
    if b'"stream":true' in request.content:
        chunks = (event + b"\n\n" for event in STREAM.split(b"\n\n")[:-1])
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=chunks)
    return httpx2.Response(200, json=MESSAGE)


def client(**options: Any) -> anthropic.Anthropic:
    """A client that is answered from memory."""
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return anthropic.Anthropic(api_key="key", http_client=http, **options)


def clients(folder: Path) -> dict[str, anthropic.Anthropic]:
    """The kinds of clients that are compared; the first is the plain one."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(NullExporter()))
    return {
        "plain": client(open_telemetry=False),
        "cachelint": cachelint.track(client(open_telemetry=False), folder / "usage.jsonl"),
        "SDK tracing": client(open_telemetry={"tracer_provider": provider}),
    }


def call(which: anthropic.Anthropic, prompt: Mapping[str, Any], streamed: bool) -> None:
    """One request, its response read to the end."""
    if streamed:
        for _ in which.messages.create(**prompt, stream=True):
            pass
    else:
        which.messages.create(**prompt)


def measure(
    kinds: Mapping[str, anthropic.Anthropic], size: tuple[int, int], streamed: bool, rounds: int
) -> list[float]:
    """Medians in microseconds: the time of the plain client, then what each of the others adds to it."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    history = conversation(*size)
    for number in range(WARM_UP + rounds):
        prompt = body(history, number)
        order = list(kinds)[number % len(kinds) :] + list(kinds)[: number % len(kinds)]
        for name in order:
            times[name].append(timed(partial(call, kinds[name], prompt, streamed)))
    plain, *others = (spent[WARM_UP:] for spent in times.values())
    added = [statistics.median(a - b for a, b in zip(other, plain, strict=True)) for other in others]
    return [statistics.median(plain), *added]


def timed(action: Callable[[], None]) -> float:
    """Microseconds of this thread that an action takes; other work on the machine does not count."""
    begin = time.thread_time()
    action()
    return (time.thread_time() - begin) * 1e6


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        kinds = clients(Path(folder))
        gc.disable()
        for name, size in SIZES.items():
            for streamed in (False, True):
                plain, shim, tracing = measure(kinds, size, streamed, rounds)
                what = f"{name}, {DELTAS} deltas" if streamed else name
                rows.append([what, f"{plain:,.0f}", f"+{shim:,.0f}", f"+{tracing:,.0f}", f"{shim / tracing:.2f}"])
                gc.collect()
    print(tabulate(rows, headers=["µs, medians", *kinds, "cachelint / tracing"], colalign=("left", *["right"] * 4)))


if __name__ == "__main__":
    main()
