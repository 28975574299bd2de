"""What the shim costs: each kind of client makes the same calls in turn, and differences within a round are compared.

    python tests/benchmarks/bench_shim.py [--rounds N]

No network: the HTTP client answers from memory. Prints medians of what each kind adds to the plain SDK, in
microseconds of processor time, and the ratio of ours to the SDK's own tracing with an exporter that does nothing.
Absolute times vary from machine to machine and hour to hour; the ratios are what to look at. Other observers are
measured too where they are installed; `make bench` installs them into an environment of their own.
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
from shim_kinds import Kind, kinds
from tabulate import tabulate

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


Messages = list[dict[str, Any]]


def chat(turns: int, length: int) -> Messages:
    """A history of so many messages of so many characters each."""
    return [
        {"role": ("user", "assistant")[n % 2], "content": [{"type": "text", "text": f"{n} " + "word " * (length // 5)}]}
        for n in range(turns)
    ]


def agent(turns: int, length: int) -> Messages:
    """The history of an agent: so many calls of a tool, each with a result of so many characters."""
    history: Messages = [{"role": "user", "content": "Find the fault."}]
    for n in range(turns):
        call = {
            "type": "tool_use",
            "id": f"toolu_{n}",
            "name": "read",
            "input": {"path": f"src/{n}.py", "lines": [1, 90]},
        }
        text = {"type": "text", "text": f"{n} " + "a line of code\n" * (length // 15)}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": [text]}
        history.append({"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]})
        history.append({"role": "user", "content": [result]})
    return history


def body(history: Sequence[Mapping[str, Any]], round_number: int) -> dict[str, Any]:
    """The request of one round: the same history every time, as a program keeps it, and a new question at its end."""
    question = {"role": "user", "content": f"Question {round_number}?"}
    return {"model": MODEL, "max_tokens": 9, "system": SYSTEM, "messages": [*history, question]}


SYSTEM = [{"type": "text", "text": "Be brief. " * 200, "cache_control": {"type": "ephemeral"}}]
HISTORIES: Mapping[str, Messages] = {
    "4 KB, 4 blocks": chat(2, 800),
    "196 KB, 88 blocks": chat(86, 2_240),
    "196 KB, agent, 131 blocks": agent(43, 4_400),
}


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


def call(which: anthropic.Anthropic, prompt: Mapping[str, Any], streamed: bool) -> None:
    """One request, its response read to the end."""
    if streamed:
        for _ in which.messages.create(**prompt, stream=True):
            pass
    else:
        which.messages.create(**prompt)


def measure(compared: Sequence[Kind], history: Messages, streamed: bool, rounds: int) -> list[float]:
    """Medians in microseconds: the time of the plain client, then what each of the others adds to it."""
    times: dict[str, list[float]] = {kind.name: [] for kind in compared}
    for number in range(WARM_UP + rounds):
        prompt = body(history, number)
        first = number % len(compared)
        for kind in (*compared[first:], *compared[:first]):
            kind.start()
            times[kind.name].append(timed(partial(call, kind.client, prompt, streamed)))
            kind.stop()
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
    parser.add_argument("--rounds", type=int, default=150)
    rounds = parser.parse_args().rounds
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        compared = kinds(answer, Path(folder))
        gc.disable()
        for name, history in HISTORIES.items():
            for streamed in (False, True):
                plain, *added = measure(compared, history, streamed, rounds)
                what = f"{name}, {DELTAS} deltas" if streamed else name
                ratio = f"{added[0] / added[1]:.2f}"
                rows.append([what, f"{plain:,.0f}", *(f"{overhead:+,.0f}" for overhead in added), ratio])
                gc.collect()
    headers = ["µs, medians", *(kind.name for kind in compared), "ours / tracing"]
    print(tabulate(rows, headers=headers, colalign=("left", *["right"] * (len(headers) - 1))))


if __name__ == "__main__":
    main()
