"""Virtual environments with packages that the tests' own environment has not got; for the matrices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent


def environment(folder: Path, *packages: str) -> Path:
    """The Python of a virtual environment with these packages in it, which is made if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, capture_output=True)
    return python


def run(python: Path, program: str, *arguments: str, home: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of this folder under another Python, with cachelint on its path and nothing else of ours."""
    return subprocess.run(
        [python, HERE / program, *arguments],
        env={
            "PYTHONPATH": str(REPOSITORY),
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LITELLM_LOCAL_MODEL_COST_MAP": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
