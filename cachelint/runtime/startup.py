"""How `cachelint run` gets into a program: an environment variable, and a folder in which Python looks at start."""

from __future__ import annotations

import os
from pathlib import Path

INSTALL_VARIABLE = "CACHELINT_INSTALL"
"""Environment variable: a Python process that has it, and finds `HOOK_FOLDER` on its path, installs the shim."""

HOOK_FOLDER = Path(__file__).parent / "hook"
"""Holds the `sitecustomize` module that Python imports when it starts with this folder in `PYTHONPATH`."""


def install_if_asked() -> None:
    """Installs the shim if the environment asks for it. Never raises."""
    if os.environ.get(INSTALL_VARIABLE) != "1":
        return
    from cachelint.runtime import guard

    with guard.guarded():
        from cachelint.runtime.install import install

        install()
