"""Finds the line of the user's own code that made a request: the innermost frame outside libraries."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType
from typing import NamedTuple

_REMEMBERED_FILES = 4096


class CallSite(NamedTuple):
    """A line of the user's code."""

    place: str
    """``support/agent.py:120``, relative to the working directory; the last two parts of a path outside it."""
    function: str
    """The qualified name: ``SupportAgent.reply``."""


_libraries = tuple(
    os.path.normpath(path) + os.sep
    for path in {
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["platstdlib"],
        os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    }
)
_shown: dict[str, str | None] = {}


def call_site(depth: int = 1) -> CallSite | None:
    """The line of the user's code below which the caller runs, or None. `depth`: frames of ours to skip."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        name = code.co_filename
        try:
            shown = _shown[name]
        except KeyError:
            shown = _remember(name)
        if shown is not None:
            return CallSite(f"{shown}:{frame.f_lineno}", code.co_qualname)
        frame = frame.f_back
    return None


def _remember(filename: str) -> str | None:
    if len(_shown) >= _REMEMBERED_FILES:
        _shown.clear()
    _shown[filename] = shown = _shorten(filename) if _is_users(filename) else None
    return shown


def _is_users(filename: str) -> bool:
    return not (filename.startswith(("<", *_libraries)) or "site-packages" in filename or "dist-packages" in filename)


def _shorten(filename: str) -> str:
    """The path below the working directory, or no more of it than its folder: a log should not name home folders."""
    path = os.path.abspath(filename)
    try:
        root = os.getcwd()
    except OSError:
        root = ""
    if root and path.startswith(root.rstrip(os.sep) + os.sep):
        return path[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
    return "/".join(path.split(os.sep)[-2:])
