"""The desk of `shops.py`, with the log of a real run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shops import Shop, write

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
