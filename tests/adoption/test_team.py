"""A team adopts cachelint on code that has problems: hook, baseline, a problem that fails, a fix that passes, a report.

The hook runs in the real `pre-commit`, from a clone of this checkout's last commit.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFIGURATION = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: cachelint
        args: [--baseline, cachelint-baseline.json]
"""

CLEAN_HELPER = 'def greeting(name: str) -> str:\n    return f"Hello {name}"\n'
BROKEN_HELPER = 'import uuid\n\n\ndef greeting(name: str) -> str:\n    return f"Hello {uuid.uuid4()} {name}"\n'
CALLER = """\
import anthropic

from support.greeting import greeting
from support.prompts import HANDBOOK


def greet(client: anthropic.Anthropic) -> anthropic.types.Message:
    return client.messages.create(
        model="claude-opus-5-5",
        max_tokens=100,
        system=[{"type": "text", "text": greeting("you") + HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": "Hello"}],
    )
"""


@dataclass(frozen=True)
class Team:
    """A repository, and the programs that its people run in it."""

    folder: Path
    environment: dict[str, str]

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        return self.run("git", *identity, *arguments)

    def cachelint(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "cachelint", *arguments)

    def commit(self, *files: str) -> subprocess.CompletedProcess[str]:
        """What a commit of these files prints, the hook included."""
        self.git("add", *files)
        return self.git("commit", "-m", "Work")

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def team(repository: Path, tmp_path: Path) -> Team:
    """The support desk in a repository of its own, with the hook installed and no baseline yet."""
    folder = tmp_path / "desk"
    shutil.copytree(repository / "fixtures" / "support_app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    # A hook of git sets variables that would lead git back to this checkout.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["PRE_COMMIT_HOME"] = str(tmp_path / "pre-commit")
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    team = Team(folder, environment)
    clone = tmp_path / "cachelint"
    team.run("git", "clone", "--quiet", str(repository), str(clone))
    revision = team.run("git", "-C", str(clone), "rev-parse", "HEAD").stdout.strip()
    team.git("init", "--quiet")
    team.write(".pre-commit-config.yaml", CONFIGURATION.format(repository=clone, revision=revision))
    team.git("add", ".")
    team.git("commit", "--quiet", "--message", "Start")
    assert team.run("pre-commit", "install").returncode == 0
    return team


def test_adoption(team: Team, tmp_path: Path) -> None:
    known = team.cachelint("check", "--baseline", "cachelint-baseline.json", "--write-baseline")
    assert known.returncode == 0, known.stderr
    assert json.loads((team.folder / "cachelint-baseline.json").read_text())["findings"]

    added = team.commit(
        team.write("support/greeting.py", CLEAN_HELPER),
        team.write("support/greet.py", CALLER),
        "cachelint-baseline.json",
    )
    assert added.returncode == 0, added.stdout + added.stderr

    broken = team.commit(team.write("support/greeting.py", BROKEN_HELPER))
    assert broken.returncode == 1
    assert "support/greeting.py:5:21: CL102 unique-id-in-prefix" in broken.stdout + broken.stderr

    mended = team.commit(team.write("support/greeting.py", CLEAN_HELPER.replace("Hello", "Welcome")))
    assert mended.returncode == 0, mended.stdout + mended.stderr

    team.run(sys.executable, "demo.py", str(tmp_path / "demo"))
    report = team.cachelint("report", "--format", "markdown", str(tmp_path / "demo" / "usage.jsonl"))
    assert report.returncode == 0, report.stderr
    assert "| claude-opus-5-5 |" in report.stdout
