"""Many responses, processes and faults: memory stays flat, no line is lost unannounced, none is torn or doubled."""

from __future__ import annotations

import errno
import json
import logging
import multiprocessing
import os
import random
import signal
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2

import cachelint
from cachelint.runtime import log as log_module
from cachelint.runtime.log import UsageLog

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


class Faults:
    """A file system that fails at random: full, away, slow, or with mistakes of our own on the way to it."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._write = os.write
        self._append = UsageLog._append

    def inject(self) -> None:
        """For good, in this process."""
        os.write = self.write  # type: ignore[assignment]
        faults = self

        def append(usage_log: UsageLog, record: Any) -> None:
            if faults._chance.random() < 0.05:
                raise RuntimeError("a mistake of ours")
            faults._append(usage_log, record)

        UsageLog._append = append  # type: ignore[method-assign]

    def write(self, descriptor: int, data: bytes) -> int:
        """Writes, or all of, some of, or none of it; only lines of the log fail."""
        kind = self._chance.random() if data.lstrip().startswith(b'{"schema"') else 1.0
        if kind < 0.1:
            number = self._chance.choice([errno.ENOSPC, errno.EIO, errno.ESTALE, errno.ENOLCK, errno.EDQUOT])
            raise OSError(number, os.strerror(number))
        if kind < 0.15:
            time.sleep(0.01)
        return self._write(descriptor, data)


def unreliable_worker(log: Path, number: int, count: int, left: Any) -> None:
    """Sends requests while its file system fails, and tells how many of its losses no record has announced."""
    logging.disable()
    log_module._RETRY_AFTER_SECONDS = 0.0
    Faults(number).inject()
    client = tracked(log)
    for message in range(number * 1_000, number * 1_000 + count):
        messages: Any = [{"role": "user", "content": f"{message}: {'context ' * 100}"}]
        events = [event.type for event in client.messages.create(**PROMPT, messages=messages, stream=True)]
        assert events == [part["type"] for part in (START, *[WORD] * 5, DELTA)]
    left.put((os.getpid(), client.middleware[-1].observer.log.lost_records))  # type: ignore[union-attr]


def test_faults_cost_nothing_but_records_that_are_counted(log: Path) -> None:
    context = multiprocessing.get_context("fork")
    left, count = context.Queue(), 30
    workers = [context.Process(target=unreliable_worker, args=(log, number, count, left)) for number in range(8)]
    for process in workers:
        process.start()
    unannounced = dict(left.get(timeout=300) for _ in workers)
    for process in workers:
        process.join()

    assert [process.exitcode for process in workers] == [0] * 8
    records = [json.loads(line) for line in log.read_text().splitlines()]
    sessions = [(record["pid"], record["session"]) for record in records]
    assert len(sessions) == len(set(sessions))
    for pid, rest in unannounced.items():
        own = [record for record in records if record["pid"] == pid]
        assert len(own) + sum(record.get("lost_records", 0) for record in own) + rest == count
    assert 8 * count * 0.7 < len(records) < 8 * count


def test_the_first_event_comes_when_it_did(log: Path) -> None:
    """The server holds back all but the first event: whoever waits for more than that comes too late."""
    taken: list[int] = []

    def parts() -> Iterator[bytes]:
        for place, part in enumerate(STREAM):
            taken.append(place)
            yield part

    def answer(request: httpx2.Request) -> httpx2.Response:
        taken.clear()
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=parts())

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = cachelint.track(anthropic.Anthropic(api_key="key", http_client=http), log)
    for _ in range(20):
        events = iter(client.messages.create(**PROMPT, messages=[{"role": "user", "content": "Hi"}], stream=True))
        assert taken == []
        for place in range(len(STREAM)):
            next(events)
            assert taken == list(range(place + 1))
