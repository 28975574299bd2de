"""An upgrade finds more in an unchanged program, and says which rule is new: with a baseline, a setting, or neither."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import anthropic

TOPICS = {"billing", "refunds"}


def ask(client: anthropic.Anthropic, question: str) -> anthropic.types.Message:
    return client.messages.create(
        model="claude-opus-5-5",
        max_tokens=100,
        system=[{"type": "text", "text": ", ".join(TOPICS), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""


@pytest.fixture
def upgraded(repository: Path, tmp_path: Path) -> Path:
    """A folder with cachelint 0.2.0, in which CL201 is new."""
    folder = tmp_path / "upgraded"
    for part in ("cachelint", "rules"):
        shutil.copytree(repository / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    rule = folder / "rules" / "CL201-set-order-in-prefix.md"
    rule.write_text(rule.read_text(encoding="utf-8").replace('since = "0.1.0"', 'since = "0.2.0"'), encoding="utf-8")
    metadata = folder / "prompt_cachelint-0.2.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: prompt-cachelint\nVersion: 0.2.0\n")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The program, checked with `--select CL2` alone: what its prompt is too short for is another matter."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM, encoding="utf-8")
    return folder


def check(project: Path, cachelint: Path | None, *arguments: str) -> tuple[int, list[str], str]:
    """Exit code, lines of output but the summary, and notes of a check with the cachelint in a folder, or this one."""
    path = {} if cachelint is None else {"PYTHONPATH": str(cachelint)}
    command = [sys.executable, "-m", "cachelint", "check", "--select", "CL2", "--output-format", "concise", *arguments]
    run = subprocess.run(command, cwd=project, env={**os.environ, **path}, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout.splitlines()[:-1], run.stderr


def found(label: str) -> list[str]:
    """The lines that report the order of the topics under this label."""
    message = (
        'The order of `{"billing", "refunds"}` is rendered into system[0], before the breakpoint that caches system.'
    )
    return [f"app.py:3:10: {label} [warning] {message}"]


OLD, NEW = "CL201 set-order-in-prefix", "CL201 set-order-in-prefix (new in 0.2.0)"


def test_without_anything(project: Path, upgraded: Path) -> None:
    code, lines, _ = check(project, None)
    assert (code, lines) == (1, found(OLD))
    assert check(project, upgraded) == (
        1,
        found(NEW),
        "note: new in 0.2.0: CL201. `rules-version` in the configuration keeps new rules from failing a run\n",
    )


def test_with_the_version_that_was_adopted(project: Path, upgraded: Path) -> None:
    configuration = project / "cachelint.toml"
    configuration.write_text('rules-version = "0.1.0"\n')
    assert check(project, upgraded) == (
        0,
        found(NEW),
        f"note: new in 0.2.0: CL201. rules-version is 0.1.0 ({configuration}): what they find does not fail the run\n",
    )
    assert check(project, upgraded, "--extend-select", "CL201") == (1, found(OLD), "")
    configuration.write_text('rules-version = "0.2.0"\n')
    assert check(project, upgraded) == (1, found(OLD), "")
    assert check(project, None)[0] == 2


def test_with_a_baseline_of_a_cachelint_that_saw_less(project: Path) -> None:
    baseline = ("--baseline", "known.json")
    check(project, None, *baseline, "--write-baseline")
    (project / "more.py").write_text(PROGRAM)
    assert check(project, None, *baseline)[2] == ""
    written = project / "known.json"
    written.write_text(written.read_text().replace('"version": "0.1.0"', '"version": "0.1.0rc1"'))
    assert check(project, None, *baseline)[2] == (
        "note: the baseline was written by cachelint 0.1.0rc1, and this one may see more\n"
    )


def test_with_a_baseline(project: Path, upgraded: Path) -> None:
    baseline = ("--baseline", "known.json")
    assert check(project, None, *baseline, "--write-baseline", "--ignore", "CL201")[0] == 0
    assert check(project, None, *baseline) == (
        1,
        found(OLD),
        "note: CL201: not reported when the baseline was written; --write-baseline accepts what is found\n",
    )
    assert check(project, upgraded, *baseline) == (
        1,
        found(NEW),
        "note: new in 0.2.0: CL201. The baseline was written by 0.1.0; --write-baseline accepts what they find\n",
    )
