"""The same files give the same findings: whatever the hash seed, the order and kind of targets, and what is kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"
TARGETS = ("support_app", "seeded/17-files", "seeded/24-global-state", "seeded/33-tool-registry")


def checked(folder: Path, *arguments: str, hash_seed: str = "0") -> Any:
    """What `cachelint check` prints as JSON in a folder, in a process of its own."""
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "cachelint",
            "check",
            *arguments,
            "--output-format",
            "json",
            "--exit-zero",
            "--pedantic",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the targets alone."""
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").touch()
    for target in TARGETS:
        shutil.copytree(FIXTURES / target, root / target)
    return root


@pytest.fixture(scope="module")
def expected(project: Path) -> Any:
    found = checked(project, "--no-cache", *TARGETS)
    assert len(found) > len(TARGETS)
    return found


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_neither_the_hash_seed_nor_the_order_of_targets_matters(project: Path, hash_seed: str, expected: Any) -> None:
    assert checked(project, "--no-cache", *reversed(TARGETS), hash_seed=hash_seed) == expected


def test_files_give_what_their_folder_gives(project: Path, expected: Any) -> None:
    files = [str(path.relative_to(project)) for target in TARGETS for path in (project / target).rglob("*.py")]
    assert checked(project, "--no-cache", *files) == expected


def test_kept_results_are_the_same(tmp_path: Path, project: Path, expected: Any) -> None:
    kept = ("--cache-dir", str(tmp_path))
    found = [checked(project, *kept, *TARGETS), checked(project, *kept, *TARGETS, hash_seed="7")]
    assert found == [expected, expected]
