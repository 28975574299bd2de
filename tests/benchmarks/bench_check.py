"""Times `cachelint check` on a folder as a ratio to `ruff check --no-cache` on the same folder, in the same run.

    python tests/benchmarks/bench_check.py FOLDER...     by default the standard library

Absolute times vary from hour to hour on shared machines; the ratio is what the goals are about. Each program runs three
times and the fastest counts: `cachelint check` without a cache, and again when its result cache has everything. The
peak memory is that of `cachelint check`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

REPETITIONS = 3


def main(folders: Sequence[str]) -> None:
    """Prints a row per folder."""
    rows = [row(Path(folder)) for folder in folders or [sysconfig.get_path("stdlib")]]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    headers = ("folder", "files", "cachelint s", "cached s", "ruff s", "ratio", "cached ratio")
    print(tabulate(rows, headers=headers, floatfmt=("", "", ".2f", ".2f", ".2f", ".2f", ".2f")))
    print(f"\npeak memory: {peak:.0f} MiB")


def row(folder: Path) -> tuple[str, int, float, float, float, float, float]:
    """Folder, Python files, seconds of cachelint, seconds with all in its cache, seconds of ruff, and both as multiples
    of the last."""
    binaries = Path(sys.executable).parent
    files = sum(name.endswith(".py") for _, _, names in os.walk(folder) for name in names)
    check = [str(binaries / "cachelint"), "check", "--exit-zero", str(folder)]
    analysed = fastest([*check, "--no-cache"])
    with tempfile.TemporaryDirectory() as cache:
        cached = [*check, "--cache-dir", cache]
        seconds(cached)
        remembered = fastest(cached)
    ruffed = fastest([str(binaries / "ruff"), "check", "--no-cache", "--exit-zero", "--isolated", str(folder)])
    return str(folder), files, analysed, remembered, ruffed, analysed / ruffed, remembered / ruffed


def fastest(command: Sequence[str]) -> float:
    """Wall-clock seconds of the fastest of several runs."""
    return min(seconds(command) for _ in range(REPETITIONS))


def seconds(command: Sequence[str]) -> float:
    """Wall-clock seconds of one run; raises when it fails."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1:])
