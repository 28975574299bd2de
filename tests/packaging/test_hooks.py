"""The hooks that pre-commit finds in this repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_manifest_is_valid(repository: Path) -> None:
    manifest = repository / ".pre-commit-hooks.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest)], check=True)


def test_hooks_run_once_for_all_files(repository: Path) -> None:
    manifest = (repository / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert manifest.count("- id: ") == manifest.count("require_serial: true")
