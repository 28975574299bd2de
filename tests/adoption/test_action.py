"""The action for GitHub: its steps, run as the runner runs them, without the runner."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml


@dataclass(frozen=True)
class Runner:
    """What GitHub's runner provides: a folder for temporary files, a job summary, outputs."""

    steps: dict[str, str]
    workspace: Path
    temporary: Path

    def run(self, step: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "GITHUB_OUTPUT": str(self.temporary / "output"),
            "PATHS": ".",
            "ARGUMENTS": "",
            "SINCE": "",
            **inputs,
        }
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.steps[step]]
        return subprocess.run(shell, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False)

    @property
    def summary(self) -> str:
        return (self.temporary / "summary.md").read_text(encoding="utf-8")

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.temporary / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def action(repository: Path) -> dict[str, Any]:
    document = yaml.safe_load((repository / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.fixture
def runner(action: dict[str, Any], repository: Path, tmp_path: Path) -> Runner:
    """A runner whose workspace is the support desk, after the step that installs cachelint."""
    workspace, temporary = tmp_path / "workspace", tmp_path / "temporary"
    shutil.copytree(repository / "fixtures" / "support_app", workspace, ignore=shutil.ignore_patterns("__pycache__"))
    binaries = temporary / "cachelint" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "cachelint").symlink_to(Path(sys.executable).parent / "cachelint")
    steps = {step["name"]: step["run"] for step in action["runs"]["steps"] if "run" in step}
    return Runner(steps, workspace, temporary)


def test_findings_annotate_the_change_and_fill_the_summary(runner: Runner) -> None:
    checked = runner.run("Check")
    assert checked.returncode == 0, checked.stderr
    assert "::error title=cachelint%3A CL101 clock-in-prefix,file=support/clock.py,line=8," in checked.stdout
    assert "| error | CL101 clock-in-prefix | `support/clock.py:8` |" in runner.summary
    assert json.loads(Path(runner.outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert runner.outputs["code"] == "1"


@pytest.mark.parametrize("between", [" ", "\n"])
def test_options_reach_the_check(runner: Runner, between: str) -> None:
    paths = ("support/clock.py", "support/prompts.py")
    runner.run("Check", ARGUMENTS=between.join(("--select", "CL102")), PATHS=between.join(paths))
    assert {line.split(" ")[3] for line in runner.summary.splitlines() if line.startswith("| error")} == {"CL102"}


def test_an_error_of_usage_fails_at_once(runner: Runner) -> None:
    checked = runner.run("Check", ARGUMENTS="--select CL999")
    assert checked.returncode == 2
    assert "unknown rule `CL999`" in checked.stderr


def test_inputs_are_never_read_as_shell(runner: Runner) -> None:
    runner.run("Check", PATHS="$(touch pwned) ; touch pwned", ARGUMENTS="`touch pwned`", SINCE="; touch pwned")
    assert not (runner.workspace / "pwned").exists()


def test_the_report_goes_to_the_summary(runner: Runner, tmp_path: Path) -> None:
    demo = [sys.executable, "demo.py", str(tmp_path / "demo")]
    subprocess.run(demo, cwd=runner.workspace, check=True, capture_output=True)
    reported = runner.run("Report", LOGS=str(tmp_path / "demo" / "usage.jsonl"), ARGUMENTS="--min-hit-ratio 0.99")
    assert reported.returncode == 0, reported.stderr
    assert "CL101 clock-in-prefix" in runner.summary
    assert "| claude-opus-5-5 |" in runner.summary
    assert runner.outputs["code"] == "1"


@pytest.mark.parametrize(
    ("check", "report", "passes"), [("0", "", True), ("0", "0", True), ("1", "", False), ("0", "1", False)]
)
def test_the_result(runner: Runner, check: str, report: str, passes: bool) -> None:
    assert (runner.run("Result", CHECK=check, REPORT=report).returncode == 0) is passes
