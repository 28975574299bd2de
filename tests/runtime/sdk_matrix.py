"""Runs `sdk_checks.py` under one anthropic SDK after the other, and prints which checks pass under which.

    python tests/runtime/sdk_matrix.py [VERSION ...] [--venvs FOLDER]

Makes one virtual environment per version, in a temporary folder unless `--venvs` names one to keep. Exits with 1 if
any check fails. `make test-sdks` runs it; it takes minutes and the network, so `make test` does not.
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
from tabulate import tabulate

from cachelint.testing import Answer, ApiServer, echo, fail
from cachelint.testing.answers import Reply

VERSIONS = ("0.75.*", "0.100.*", "0.109.*", "0.125.*", "1.0.*", "2.0.*", "")
"""The last is the newest there is."""

Outcomes = Mapping[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the matrix and returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("versions", nargs="*", default=VERSIONS, metavar="VERSION", help="as pip takes them: 1.0.*")
    parser.add_argument("--venvs", type=Path, help="keep the virtual environments in this folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.venvs or Path(temporary)
        results = dict(run_checks(version, folder) for version in options.versions)
    print(table(results))
    failures = [
        f"\n{version} {check}:\n{text}"
        for version, outcomes in results.items()
        for check, text in outcomes.items()
        if text not in ("ok", "absent")
    ]
    print("".join(failures), file=sys.stderr)
    return 1 if failures else 0


def run_checks(version: str, folder: Path) -> tuple[str, Outcomes]:
    """The version of an SDK, and what each check says under it."""
    package = f"anthropic=={version}" if version else "anthropic"
    python = environment(folder / f"sdk-{version.replace('*', 'x') or 'newest'}", package)
    with ApiServer(answers=FailOnce()) as server, tempfile.TemporaryDirectory() as logs:
        done = run(python, "sdk_checks.py", server.url, logs, home=logs)
    if done.returncode:
        return version, {"all": done.stderr}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer["version"], answer["checks"]


class FailOnce:
    """Answers each message that says ``fail once`` with an error, the first time."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def __call__(self, body: Mapping[str, Any]) -> Reply | Answer:
        said = str(body["messages"][-1]["content"])
        if said.startswith("fail once") and said not in self._failed:
            self._failed.add(said)
            return fail(529)
        return echo(body)


def table(results: Mapping[str, Outcomes]) -> str:
    """One row per check, one column per SDK."""
    checks = dict.fromkeys(check for outcomes in results.values() for check in outcomes)
    marks = {"ok": "ok", "absent": "-"}
    rows = [[check, *(marks.get(o.get(check, "absent"), "FAILED") for o in results.values())] for check in checks]
    return tabulate(rows, headers=["check", *results])


if __name__ == "__main__":
    sys.exit(main())
