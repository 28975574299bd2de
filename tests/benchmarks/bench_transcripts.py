"""How long a report on Claude Code transcripts takes, beside ccusage on the same files, in the same run.

    python tests/benchmarks/bench_transcripts.py CCUSAGE ARCHIVE... [--megabytes 350]

CCUSAGE is the program of the npm package `ccusage`; the archives are tar files of transcripts, copied with new
ids until they have this size. Prints seconds of CPU, seconds, memory, and what each says that it cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from transcripts import inflate


def measured(name: str, command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Run a command, print what it took, and return its seconds of CPU with its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    run = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:12} {cpu:7.2f} s of CPU {seconds:7.2f} s   {after.ru_maxrss / 1024:.0f} MB at most so far")
    return cpu, run.stdout


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ccusage")
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--megabytes", type=int, default=350)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = inflate(asked.archives, Path(folder), asked.megabytes)
        files = sum(1 for _ in Path(folder).rglob("*.jsonl"))
        print(f"{size / 1e6:.0f} MB in {files:,} files")
        command = [asked.ccusage, "claude", "daily", "--json", "--offline"]
        theirs, output = measured("ccusage", command, {"CLAUDE_CONFIG_DIR": folder})
        ours, report = measured(
            "cachelint", [sys.executable, "-m", "cachelint", "report", "--format", "json", folder], {}
        )
        print(f"cachelint / ccusage   {ours / theirs:.2f}")
        print(f"ccusage   USD {json.loads(output)['totals']['totalCost']}")
        print(f"cachelint USD {json.loads(report)['total']['cost_usd']}")


if __name__ == "__main__":
    main()
