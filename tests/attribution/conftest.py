"""The desk of `shops.py`, with the log of a real run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shops import Cachelint, Shop, write

from cachelint.testing import ApiServer


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The desk, after it has answered some questions."""
    root = tmp_path_factory.mktemp("shop")
    write(root)
    log = root.parent / f"{root.name}.jsonl"
    with ApiServer() as server:
        environment = {
            **os.environ,
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "no-key-needed",
            "CACHELINT_LOG": str(log),
        }
        subprocess.run([sys.executable, "-m", "desk.main"], cwd=root, env=environment, check=True)
    return Shop(root, log)


@pytest.fixture
def shop(recorded: Shop, tmp_path: Path) -> Shop:
    """The desk in a folder of its own, to be edited, with the log of the run before."""
    root = tmp_path / "shop"
    root.mkdir()
    write(root)
    return Shop(root, recorded.log)


_EXPECTATION = re.compile(r"  # expect: \S+$", re.MULTILINE)


@pytest.fixture
def app(repository: Path, tmp_path: Path) -> Path:
    """The bundled app, with the log of a run of it."""
    folder = tmp_path / "app"
    shutil.copytree(repository / "fixtures" / "support_app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        path.write_text(_EXPECTATION.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(repository / "fixtures" / "logs" / "support_app.jsonl", folder / "usage.jsonl")
    return folder


@pytest.fixture
def cachelint(app: Path) -> Cachelint:
    """Runs a command in the app."""

    def run(*arguments: str, program: str = "-m cachelint") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *program.split(" ", 1), *arguments]
        environment = {**os.environ, "COLUMNS": "120"}
        return subprocess.run(command, cwd=app, env=environment, capture_output=True, text=True, check=False)

    return run
