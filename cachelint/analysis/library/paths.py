"""Paths, and the files that lie there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cachelint.analysis.values import Symbol, Value, variations_in
from cachelint.analysis.variation import Variations, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.analysis.library.builtins import Model

PATH = "pathlib.Path()"
"""The dotted name of every path object, however it is derived from others: listing one gives a varying order."""

_DERIVED = ("resolve", "absolute", "expanduser", "with_name", "with_suffix", "with_stem", "joinpath")


def _made(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return Symbol(PATH, "path", merged(*(variations_in(value) for value in arguments.all)))


def _derived(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if callee.path.rpartition(".")[0] != PATH:
        return None
    return Symbol(PATH, "path", merged(callee.variations, *(variations_in(value) for value in arguments.all)))


def _relative(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    """Seen from a folder above, a path does not show where that lies."""
    kept = tuple(variation for variation in callee.variations if variation.code != "CL104")
    return Symbol(PATH, "path", kept) if callee.path.startswith(PATH) else None


def of_content(variations: Variations) -> Variations:
    """What varies in a file: not where it lies; the order in which files are read shows."""
    return tuple(variation for variation in variations if variation.order or variation.code == "CL105")


def _read(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    name = callee.name if "[]" in callee.name else ""
    return Symbol(f"{callee.path}()", "text", of_content(callee.variations), name)


def _opened(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return Symbol("open()", "file", of_content(callee.variations)) if callee.path.startswith(PATH) else None


def _tested(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return Symbol(kind="bool")


def attribute(value: Symbol, name: str) -> Symbol | None:
    """An attribute of a path that is a path; None for others."""
    return Symbol(PATH, "path", value.variations, value.name) if value.path == PATH and name == "parent" else None


MODELS: dict[str, Model] = {
    "pathlib.Path": _made,
    "pathlib.PurePath": _made,
    "os.path.join": _made,
}

METHODS: dict[str, Callable[[State, Symbol, Arguments], Value | None]] = {
    "read_text": _read,
    "read_bytes": _read,
    "open": _opened,
    "exists": _tested,
    "is_file": _tested,
    "is_dir": _tested,
    "relative_to": _relative,
    **dict.fromkeys(_DERIVED, _derived),
}
