"""What the shim remembers: the memory of a process over ten thousand streamed responses.

    python tests/benchmarks/bench_shim_memory.py [--streams N]

No network: the HTTP client answers from memory. Every response is of another conversation, one in ten is closed after
its first event. Prints the resident memory as it goes; after the first thousands, when all that is bounded has reached
its bound, it has to stay where it is.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path
from typing import Any

import httpx2
from bench_shim import STREAM
from shim_kinds import client

import cachelint


def answer(request: httpx2.Request) -> httpx2.Response:
    """A stream in chunks of 200 bytes."""
    chunks = (STREAM[start : start + 200] for start in range(0, len(STREAM), 200))
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=chunks)


def resident_megabytes() -> float:
    """The memory of this process that is really there."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Reads the streams and prints the memory ten times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, default=10_000)
    streams = parser.parse_args().streams
    with tempfile.TemporaryDirectory() as folder:
        tracked = cachelint.track(client(answer), Path(folder) / "usage.jsonl")
        for number in range(1, streams + 1):
            messages: Any = [{"role": "user", "content": f"{number}: {'context ' * 300}"}]
            prompt: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": messages}
            with tracked.messages.with_streaming_response.create(**prompt, stream=True) as response:
                for _ in response.iter_bytes():
                    if number % 10 == 0:
                        break
            if number % max(1, streams // 10) == 0:
                print(f"{number:>7,} streams: {resident_megabytes():.1f} MB", flush=True)


if __name__ == "__main__":
    main()
