"""How long a report takes, as ratios to what DuckDB alone needs for the same file, in the same run.

    python tests/benchmarks/bench_report.py [RECORDS]          1,000,000 unless told otherwise

Makes a log of that many records in a temporary folder, then prints seconds, ratios and memory. Not a test: it is slow.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

_START = datetime(2026, 11, 1)
_MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001")
_COUNTERS = (
    "input_tokens BIGINT, output_tokens BIGINT, cache_creation_input_tokens BIGINT, cache_read_input_tokens BIGINT"
)


def records(count: int) -> Iterator[str]:
    """Lines of a usage log: conversations of up to forty requests, one in twenty of which misses."""
    chance = random.Random(1)
    moment, cached = _START, dict[int, int]()
    for number in range(count):
        moment += timedelta(milliseconds=chance.randrange(40, 400))
        session = number // 40 if chance.random() < 0.7 else chance.randrange(number // 40 + 1)
        before = cached.get(session, 0)
        read = 0 if chance.random() < 0.05 else before
        total = before + chance.randrange(50, 3000)
        cached[session] = total
        yield json.dumps(_record(number, session, moment, total - read, read), separators=(",", ":"))


def _record(number: int, session: int, moment: datetime, written: int, read: int) -> dict[str, object]:
    model = _MODELS[session % len(_MODELS)]
    usage = {
        "input_tokens": 3,
        "output_tokens": 200 + number % 500,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
    }
    return {
        "schema": "cachelint/1",
        "id": f"msg_{number:024d}",
        "request_id": f"req_{number:024d}",
        "kind": "messages",
        "status": 200,
        "error": None,
        "started": moment.isoformat(timespec="milliseconds") + "Z",
        "first_token_ms": 500.0,
        "model": model,
        "session": f"s{session}",
        "call_site": f"support/agent.py:{session % 41}",
        "stop_reason": "end_turn",
        "complete": True,
        "usage": usage,
        "markers": [{"position": "system[0]", "ttl": "5m"}],
        "blocks": 12,
        "fingerprints": {"tools": "ab12", "system": "cd34", "messages": ["1:a1", "2:b2"], "parameters": {}},
    }


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def bare_totals(log: Path) -> None:
    """Tokens by model, in one query."""
    _query(
        log,
        f"model: 'VARCHAR', usage: 'STRUCT({_COUNTERS})'",
        "SELECT model, sum(usage.output_tokens) FROM log GROUP BY 1",
    )


def bare_sessions(log: Path) -> None:
    """Each request beside the one before it in its session, in one query."""
    columns = f"model: 'VARCHAR', session: 'VARCHAR', started: 'TIMESTAMP', usage: 'STRUCT({_COUNTERS})'"
    end = "usage.cache_read_input_tokens + usage.cache_creation_input_tokens"
    steps = f"SELECT usage, lag({end}) OVER (PARTITION BY session ORDER BY started) AS before FROM log"
    _query(log, columns, f"SELECT count(*) FILTER (usage.cache_read_input_tokens < before) FROM ({steps})")


def _query(log: Path, columns: str, query: str) -> None:
    import duckdb

    lines = f"read_json('{log}', format = 'newline_delimited', columns = {{{columns}}})"
    duckdb.connect().execute(f"WITH log AS (FROM {lines}) {query}").fetchall()


def report(log: Path) -> None:
    """The command, from its start to its table."""
    subprocess.run([sys.executable, "-m", "cachelint", "report", str(log)], check=True, capture_output=True)


def main(count: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "usage.jsonl"
        with log.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in records(count))
        bare = timed(lambda: bare_totals(log)) + timed(lambda: bare_sessions(log))
        whole = timed(lambda: report(log))
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{count:,} records, {log.stat().st_size / 1e6:.0f} MB")
        print(f"bare scans of DuckDB (totals, sessions)   {bare:8.2f} s      1.0")
        print(
            f"cachelint report, with diagnosis          {whole:8.2f} s   {whole / bare:6.1f}   {memory:.0f} MB at most"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
