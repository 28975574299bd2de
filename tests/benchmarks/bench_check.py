"""Times `cachelint check` on a folder as a ratio to `ruff check --no-cache` on the same folder, in the same run.

    python tests/benchmarks/bench_check.py FOLDER...     by default the standard library

Absolute times vary from hour to hour on shared machines; the ratio is what the goals are about. Each program runs three
times and the fastest counts: `cachelint check` without a cache, again when its result cache has everything, and on a
single new file that plays no part, as a hook does, in a copy of the folder that was checked before. The peak memory is
that of `cachelint check`.
"""

from __future__ import annotations

import os
import resource
import shutil
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
    headers = ("folder", "files", "cachelint s", "cached s", "hook s", "ruff s", "ratio", "cached ratio", "hook ratio")
    print(tabulate(rows, headers=headers, floatfmt=("", "", *[".2f"] * 7)))
    print(f"\npeak memory: {peak:.0f} MiB")


def row(folder: Path) -> tuple[str | int | float, ...]:
    """Folder, Python files, seconds of cachelint, with all in its cache, and as a hook, seconds of ruff, and
    the three as multiples of the last."""
    binaries = Path(sys.executable).parent
    files = sum(name.endswith(".py") for _, _, names in os.walk(folder) for name in names)
    check = [str(binaries / "cachelint"), "check", "--exit-zero", str(folder)]
    analysed = fastest([*check, "--no-cache"])
    with tempfile.TemporaryDirectory() as cache:
        cached = [*check, "--cache-dir", cache]
        seconds(cached)
        remembered = fastest(cached)
        hook = hooked(folder, [*check[:-1], "--cache-dir", cache])
    ruffed = fastest([str(binaries / "ruff"), "check", "--no-cache", "--exit-zero", "--isolated", str(folder)])
    ours = analysed, remembered, hook
    return str(folder), files, *ours, ruffed, *(each / ruffed for each in ours)


def hooked(folder: Path, check: Sequence[str]) -> float:
    """Wall-clock seconds of a check of one new file, each time another one, in a copy of a folder that is known."""
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(parent) / "project"
        shutil.copytree(folder, copy, symlinks=True)
        (copy / "cachelint.toml").touch()
        seconds([*check, str(copy)])
        return min(seconds([*check, str(added(copy, number))]) for number in range(REPETITIONS))


def added(folder: Path, number: int) -> Path:
    """A new file that plays no part in any request."""
    path = folder / f"benchmark_{number}.py"
    path.write_text(f"NUMBER = {number}\n")
    return path


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
