"""Many responses, many processes, killed ones among them: memory stays flat, no line is torn or doubled."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import tracemalloc
from pathlib import Path
from typing import Any

import anthropic
import httpx2

import cachelint

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9}
START = {"type": "message_start", "message": {"id": "msg_1", "content": [], "usage": {"input_tokens": 3}}}
WORD = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word "}}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
STREAM = [f"event: {part['type']}\ndata: {json.dumps(part)}\n\n".encode() for part in (START, *[WORD] * 5, DELTA)]


def answer(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=iter(STREAM))


def tracked(log: Path) -> anthropic.Anthropic:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return cachelint.track(anthropic.Anthropic(api_key="key", http_client=http), log)


def read_streams(client: anthropic.Anthropic, first: int, count: int, *, early: bool = False) -> None:
    """Streamed responses of different conversations; `early` closes each after its first event."""
    for number in range(first, first + count):
        messages: Any = [{"role": "user", "content": f"{number}: {'context ' * 100}"}]
        with client.messages.with_streaming_response.create(**PROMPT, messages=messages, stream=True) as response:
            for _ in response.iter_bytes():
                if early:
                    break


def test_memory_is_flat_over_streams(log: Path) -> None:
    client = tracked(log)
    read_streams(client, 0, 300)
    tracemalloc.start()
    before = tracemalloc.take_snapshot()
    read_streams(client, 300, 300)
    read_streams(client, 600, 100, early=True)
    after = tracemalloc.take_snapshot()
    tracemalloc.stop()
    ours = [
        difference.size_diff
        for difference in after.compare_to(before, "filename")
        if "cachelint/runtime" in difference.traceback[0].filename
    ]
    # What is remembered to be compared with is bounded, and its bound is not reached yet.
    assert sum(ours) < 1_000_000
    assert len(log.read_text().splitlines()) == 700


def worker(log: Path, number: int) -> None:
    """Sends requests until it is done or killed."""
    read_streams(tracked(log), number * 1_000, 60)


def test_killed_processes_tear_no_line(log: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=worker, args=(log, number)) for number in range(8)]
    for process in workers:
        process.start()
    chance = random.Random(7)
    for process in workers[::2]:
        process.join(timeout=chance.random() * 0.2)
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
    for process in workers:
        process.join()

    records = [json.loads(line) for line in log.read_text().splitlines()]
    sessions = [(record["pid"], record["session"]) for record in records]
    assert len(sessions) == len(set(sessions))
    finished = [process.pid for process in workers if process.exitcode == 0]
    assert all(sum(record["pid"] == pid for record in records) == 60 for pid in finished)
