"""The project that a run is about: its root folder, below which imports are resolved."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cachelint.config import find_configuration

_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


def common_folder(targets: Sequence[Path]) -> Path:
    """The deepest folder that holds all `targets`."""
    folders = [str(target if target.is_dir() else target.parent) for target in (t.resolve() for t in targets)]
    return Path(os.path.commonpath(folders))


def project_root(start: Path) -> Path:
    """The root of the project that the folder `start` lies in.

    That is the folder of the nearest cachelint configuration, else the root of the git repository, else the outermost
    folder that is built as one Python project, else `start` itself.
    """
    start = start.resolve()
    upwards = (start, *start.parents)
    configured = find_configuration(start)
    if configured is not None:
        return configured[0].parent
    for folder in upwards:
        if (folder / ".git").exists():
            return folder
    built = [folder for folder in upwards if any((folder / name).is_file() for name in _BUILD_FILES)]
    return built[-1] if built else start
