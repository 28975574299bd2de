"""README.md shows what the program prints: each command of its console blocks is run, in the bundled app, and compared.

`pytest tests/test_readme.py --update-snapshots` writes what is printed now into README.md.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cachelint.config import Settings
from cachelint.toml_table import read_table

_BLOCK = re.compile(r"```console\n\$ (?P<command>cachelint [^\n]*)\n(?P<output>.*?)```\n", re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d s\b")
_EXPECTATION = re.compile(r"  # expect: \S+$", re.MULTILINE)


@pytest.fixture
def app(repository: Path, tmp_path: Path) -> Path:
    """The bundled app, without the comments that only our tests read, and the log of a run of it."""
    folder = tmp_path / "app"
    shutil.copytree(repository / "fixtures" / "support_app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        path.write_text(_EXPECTATION.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(repository / "fixtures" / "logs" / "support_app.jsonl", folder / "usage.jsonl")
    return folder


def printed(command: str, folder: Path) -> str:
    """What `command` prints in a terminal of the README's width."""
    _, *arguments = shlex.split(command)
    environment = {**os.environ, "COLUMNS": "120"}
    program = [sys.executable, "-m", "cachelint", *arguments]
    run = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    lines = [line.rstrip() for line in run.stdout.splitlines()]
    return _SECONDS.sub("0.4 s", "\n".join(lines) + "\n")


def test_every_picture_is_what_the_program_prints(repository: Path, app: Path, request: pytest.FixtureRequest) -> None:
    readme = repository / "README.md"
    text = readme.read_text(encoding="utf-8")
    commands = [block["command"] for block in _BLOCK.finditer(text)]
    assert [command.split()[1] for command in commands] == ["check", "report", "audit"]
    shown = _BLOCK.sub(lambda block: f"```console\n$ {block['command']}\n{printed(block['command'], app)}```\n", text)
    if request.config.getoption("--update-snapshots"):
        readme.write_text(shown, encoding="utf-8")
    assert readme.read_text(encoding="utf-8") == shown


def test_the_configuration_is_valid(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert Settings(**read_table(Settings, tomllib.loads(block)["tool"]["cachelint"])).select[0] == "CL1"
