"""Runs frameworks that use the anthropic SDK, or the API, and compares the log with what was answered.

    python tests/runtime/framework_matrix.py [NAME ...] [--venvs FOLDER]

Makes one virtual environment per framework, in a temporary folder unless `--venvs` names one to keep. Exits with 1 if
a response is missing from a log, or is there twice, or with another usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environments import environment, run

from cachelint.testing import ApiServer

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "langchain": ("langchain-anthropic",),
    "pydantic_ai": ("pydantic-ai-slim[anthropic]",),
    "instructor": ("instructor", "anthropic"),
    "litellm": ("litellm",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the matrix and returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", default=list(PACKAGES), metavar="NAME", help=", ".join(PACKAGES))
    parser.add_argument("--venvs", type=Path, help="keep the virtual environments in this folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        failed = [name for name in options.names if not passes(name, options.venvs or Path(temporary))]
    return 1 if failed else 0


def passes(name: str, folder: Path) -> bool:
    """Whether the log of a framework holds what was answered; prints the verdict."""
    python = environment(folder / f"framework-{name}", *PACKAGES[name])
    with ApiServer() as server, tempfile.TemporaryDirectory() as home:
        log = Path(home) / "usage.jsonl"
        done = run(python, "framework_checks.py", name, server.url, str(log), home=home)
        logged = [counters(json.loads(line)["usage"]) for line in log.read_text().splitlines()] if log.exists() else []
        usages = [call.usage for call in server.calls if call.usage is not None]
        answered = [[usage.input_tokens, usage.write, usage.read] for usage in usages]
    right = done.returncode == 0 and sorted(logged) == sorted(answered) and len(answered) > 1
    print(f"{name}: {'ok' if right else 'FAILED'}, {len(answered)} responses, {len(logged)} records")
    if not right:
        print(f"answered {answered}\nlogged {logged}\n{done.stderr}", file=sys.stderr)
    return right


def counters(usage: Mapping[str, Any]) -> list[int]:
    """What was billed for the prompt: uncached, written, read."""
    return [usage[f"{name}input_tokens"] for name in ("", "cache_creation_", "cache_read_")]


if __name__ == "__main__":
    sys.exit(main())
