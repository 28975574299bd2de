"""Finds the line of the user's own code that made a request: the innermost frame outside libraries."""

from __future__ import annotations

import os
import re
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


class _File(NamedTuple):
    """What is remembered of a source file."""

    shown: str
    installed: bool
    """Whether it is in a folder of installed packages: a library, or an application that is deployed like one."""


_never = tuple(
    os.path.normpath(path) + os.sep
    for path in {
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["platstdlib"],
        os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    }
)
_installed = re.compile(r"[/\\](?:site|dist)-packages[/\\]([^/\\]+)").search
_TRANSPORT = frozenset({"anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "anyio", "pydantic"})
_files: dict[str, _File | None] = {}


def call_site(depth: int = 1) -> CallSite | None:
    """The line of the user's code below which the caller runs. `depth`: frames of ours to skip.

    Where everything is installed, it is the innermost line outside the SDK; None where there is not even that.
    """
    frame: FrameType | None = sys._getframe(depth)
    fallback: CallSite | None = None
    while frame is not None:
        code = frame.f_code
        name = code.co_filename
        try:
            file = _files[name]
        except KeyError:
            file = _remember(name)
        if file is not None:
            if not file.installed:
                return CallSite(f"{file.shown}:{frame.f_lineno}", code.co_qualname)
            if fallback is None:
                fallback = CallSite(f"{file.shown}:{frame.f_lineno}", code.co_qualname)
        frame = frame.f_back
    return fallback


def _remember(filename: str) -> _File | None:
    if len(_files) >= _REMEMBERED_FILES:
        _files.clear()
    _files[filename] = file = _file(filename)
    return file


def _file(filename: str) -> _File | None:
    """None for files that are never the user's."""
    package = _installed(filename)
    if package is not None:
        return None if package[1] in _TRANSPORT else _File(_shorten(filename), installed=True)
    return None if filename.startswith(("<", *_never)) else _File(_shorten(filename), installed=False)


def _shorten(filename: str) -> str:
    """The path below the working directory, or no more of it than its folder: a log should not name home folders."""
    try:
        path = os.path.abspath(filename)
        root = os.getcwd().rstrip(os.sep) + os.sep
    except OSError:
        path, root = filename, ""
    if root and path.startswith(root) and _installed(path) is None:
        return path[len(root) :].replace(os.sep, "/")
    return "/".join(path.split(os.sep)[-2:])
