"""The bundled application runs for real, and its mistakes can be seen in the usage that it is answered."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cachelint.analysis import analyze
from cachelint.config import Settings

Usage = dict[str, Any]


@pytest.fixture(scope="module")
def usage_by_function(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Usage]]:
    """What one run of the demo was answered, by the function that asked."""
    folder = tmp_path_factory.mktemp("demo")
    program = repository / "fixtures" / "support_app" / "demo.py"
    said = subprocess.run([sys.executable, str(program), str(folder)], check=True, capture_output=True, text=True)
    assert said.stdout == f"62 requests answered by the simulated API; the usage log is {folder / 'usage.jsonl'}\n"
    found = defaultdict(list)
    for line in (folder / "usage.jsonl").read_text().splitlines():
        record = json.loads(line)
        found[record["function"]].append(record["usage"])
    return found


def test_the_check_points_at_the_marked_lines_and_at_no_others(repository: Path) -> None:
    app = repository / "fixtures" / "support_app"
    marked = {
        (str(path.relative_to(app)), row, found[1])
        for path in app.rglob("*.py")
        for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := re.search(r"# expect: (CL\d+)", line))
    }
    findings = analyze(app, [app], Settings()).findings
    assert {(each.location.filename, each.location.row, each.code) for each in findings} == marked


def read(usages: list[Usage]) -> list[int]:
    return [usage["cache_read_input_tokens"] for usage in usages]


def written(usages: list[Usage]) -> list[int]:
    return [usage["cache_creation_input_tokens"] for usage in usages]


@pytest.mark.parametrize("function", ["propose", "handover"])
def test_a_prompt_that_varies_is_written_each_time_and_never_read(
    usage_by_function: dict[str, list[Usage]], function: str
) -> None:
    assert set(read(usage_by_function[function])) == {0}
    assert min(written(usage_by_function[function])) > 2_000


def test_the_clock_leaves_the_agent_nothing_to_read(usage_by_function: dict[str, list[Usage]]) -> None:
    assert set(read(usage_by_function["SupportAgent._ask"])) == {0}
    assert min(written(usage_by_function["SupportAgent._ask"])) > 2_500


def test_a_marker_below_the_minimum_does_nothing(usage_by_function: dict[str, list[Usage]]) -> None:
    assert {*read(usage_by_function["topic"]), *written(usage_by_function["topic"])} == {0}


def test_the_digest_is_written_once_and_then_read_even_by_the_next_process(
    usage_by_function: dict[str, list[Usage]],
) -> None:
    first, *others = usage_by_function["_paragraph"]
    assert (first["cache_read_input_tokens"], first["cache_creation_input_tokens"] > 4_000) == (0, True)
    assert set(written(others)) == {0}
    assert set(read(others)) == {first["cache_creation_input_tokens"]}
