"""The project that a run is about: its root folder, below which imports are resolved."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cachelint.config import find_configuration

_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")

MARKS = frozenset((".git", "cachelint.toml", *_BUILD_FILES))
"""The names of files and folders that mark the folder they are in as a project."""


def common_folder(targets: Sequence[Path]) -> Path:
    """The deepest folder that holds all `targets`."""
    folders = [str(target if target.is_dir() else target.parent) for target in (t.resolve() for t in targets)]
    return Path(os.path.commonpath(folders))


def project_root(start: Path) -> Path:
    """The root of the project that the folder `start` lies in, or `start` itself where nothing marks one."""
    return marked_root(start) or start.resolve()


def marked_root(start: Path) -> Path | None:
    """The root of the project that the folder `start` lies in; None where nothing marks one.

    That is the folder of the nearest cachelint configuration, else the root of the git repository, else the nearest
    folder that is built as a Python project.
    """
    start = start.resolve()
    configured = find_configuration(start)
    if configured is not None:
        return configured[0].parent
    return _nearest(start, (".git",)) or _nearest(start, _BUILD_FILES)


def _nearest(start: Path, names: Sequence[str]) -> Path | None:
    """The nearest folder at or above `start` that has a file or folder of one of these names."""
    folders = (start, *start.parents)
    return next((folder for folder in folders if any((folder / name).exists() for name in names)), None)
