"""Paths, and the files that lie there.

A path that is known is the `origin` of its value: ``path:prompts/system.md``, relative to the project's root or to the
folder in which the program is started. What a file holds stays unknown; only templates look into it (`text_of`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.analysis.values import UNKNOWN, Hole, Symbol, Text, Value, constant_text, options_of, variations_in
from cachelint.analysis.variation import Variations, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.analysis.library.builtins import Model
    from cachelint.analysis.project import Module

PATH = "pathlib.Path()"
"""The dotted name of every path object, however it is derived from others: listing one gives a varying order."""

ORIGIN = "path:"
"""What the origin of a known path begins with."""


def known(value: Value) -> str | None:
    """The path that a value is, as text or as an object; None when it is not known."""
    if isinstance(value, Symbol) and value.origin.startswith(ORIGIN):
        return value.origin.removeprefix(ORIGIN)
    return constant_text(value)


def is_one(value: Value) -> bool:
    """Whether a value is a path, and no text that mentions one."""
    if isinstance(value, Symbol):
        return value.kind == "path" or value.path.startswith(PATH)
    if not isinstance(value, Text) or not isinstance(value.parts[0], Hole):
        return False
    below_it = "".join(part for part in value.parts if isinstance(part, str))
    return value.parts[0].path.startswith(PATH) and not any(character.isspace() for character in below_it)


def located(value: Symbol, path: str | None) -> Symbol:
    """The value with the path that it is known to be."""
    return replace(value, origin=f"{ORIGIN}{posixpath.normpath(path)}") if path else value


def text_of(state: State, value: Value, reader: Module) -> str | None:
    """The text that a template is: written in the source, or that of a file of the project which `reader` reads."""
    text = constant_text(value)
    if text is not None:
        return text
    for option in options_of(value):
        if isinstance(option, Symbol) and option.kind == "text" and option.origin.startswith(ORIGIN):
            return state.project.text_file(known(option) or "", reader)
    return None


# -- functions ---------------------------------------------------------------------------------------------------------


def _made(state: State, callee: Symbol, arguments: Arguments) -> Value:
    made = Symbol(PATH, "path", merged(*(variations_in(value) for value in arguments.all)))
    pieces = [known(value) for value in arguments.positional]
    if arguments.spread or None in pieces:
        return made
    return located(made, posixpath.join(".", *(piece for piece in pieces if piece is not None)))


def _folder(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    path = known(value)
    return located(Symbol(PATH, "path", variations_in(value)), _parent(path) if path is not None else None)


def _same(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    return located(Symbol(PATH, "path", variations_in(value)), known(value))


def _package(state: State, callee: Symbol, arguments: Arguments) -> Value:
    name = constant_text(arguments.get(0) or UNKNOWN)
    return located(Symbol(f"{callee.path}()", "path"), name.replace(".", "/") if name else None)


def _parent(path: str) -> str:
    return posixpath.dirname(path) or "."


MODELS: dict[str, Model] = {
    "pathlib.Path": _made,
    "pathlib.PurePath": _made,
    "os.path.join": _made,
    "os.path.dirname": _folder,
    "os.path.normpath": _same,
    "importlib.resources.files": _package,
}


# -- methods -----------------------------------------------------------------------------------------------------------


def _derived(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    receiver, _, name = callee.path.rpartition(".")
    if receiver != PATH and not callee.origin:
        return None
    made = Symbol(PATH, "path", merged(callee.variations, *(variations_in(value) for value in arguments.all)))
    pieces = [known(value) for value in arguments.positional]
    path = known(callee)
    if path is None or None in pieces:
        return made
    return located(made, _moved(name, path, pieces))


def _moved(name: str, path: str, pieces: list[str | None]) -> str:
    given = [piece for piece in pieces if piece is not None]
    if name == "joinpath":
        return posixpath.join(path, *given)
    if name == "with_name" and given:
        return posixpath.join(_parent(path), given[0])
    if name in ("with_suffix", "with_stem") and given:
        stem, suffix = posixpath.splitext(path)
        return stem + given[0] if name == "with_suffix" else posixpath.join(_parent(path), given[0] + suffix)
    return path


def _relative(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    """Seen from a folder above, a path does not show where that lies."""
    kept = tuple(variation for variation in callee.variations if variation.code != "CL104")
    return Symbol(PATH, "path", kept) if callee.path.startswith(PATH) else None


def of_content(variations: Variations) -> Variations:
    """What varies in a file: not where it lies; the order in which files are read shows."""
    return tuple(variation for variation in variations if variation.order or variation.code == "CL105")


def _read(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    name = callee.name if "[]" in callee.name else ""
    return Symbol(f"{callee.path}()", "text", of_content(callee.variations), name, origin=callee.origin)


def _opened(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if not callee.path.startswith(PATH):
        return None
    return Symbol("open()", "file", of_content(callee.variations), origin=callee.origin)


def _read_opened(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return _read(state, callee, arguments) if callee.origin.startswith(ORIGIN) else None


def _tested(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return Symbol(kind="bool")


_DERIVED = ("resolve", "absolute", "expanduser", "as_posix", "with_name", "with_suffix", "with_stem", "joinpath")

METHODS: dict[str, Callable[[State, Symbol, Arguments], Value | None]] = {
    "read_text": _read,
    "read_bytes": _read,
    "read": _read_opened,
    "open": _opened,
    "exists": _tested,
    "is_file": _tested,
    "is_dir": _tested,
    "relative_to": _relative,
    **dict.fromkeys(_DERIVED, _derived),
}


# -- operators, attributes, and what varies with the machine -----------------------------------------------------------


def below(folder: Symbol, name: Value) -> Symbol:
    """`folder / name`."""
    made = Symbol(folder.path, folder.kind or "path", merged(folder.variations, variations_in(name)), folder.name)
    above, piece = known(folder), known(name)
    return located(made, posixpath.join(above, piece) if above is not None and piece is not None else None)


def attribute(value: Symbol, name: str) -> Symbol | None:
    """An attribute of a path that is a path, or its last piece; None for others."""
    path = known(value)
    if name in _PIECES and value.path.startswith(PATH):
        return Symbol(f"{PATH}.{name}", "text", _without_own_place(value.variations), value.name)
    if name != "parent" or (value.path != PATH and path is None):
        return None
    return located(Symbol(PATH, "path", value.variations, value.name), _parent(path) if path is not None else None)


PARENTS = f"{PATH}.parents"


def ancestor(parents: Symbol) -> Symbol:
    """`path.parents[n]`: a folder above, of which nothing more is known."""
    return Symbol(PATH, "path", parents.variations, parents.name)


_PIECES = ("name", "stem", "suffix")


def _without_own_place(variations: Variations) -> Variations:
    """What varies in one piece of a path: where the program is installed shows in the pieces above."""
    return tuple(variation for variation in variations if variation.label != "__file__")


def kept(result: Symbol, callee: Symbol, arguments: Arguments) -> Symbol:
    """The result of a call that varies with the machine, as the path that it still is below the project's root."""
    if callee.path in ("os.getcwd", "pathlib.Path.cwd"):
        return located(result, ".")
    if callee.origin.startswith(ORIGIN) and callee.path.rpartition(".")[2] in _DERIVED:
        return replace(result, origin=callee.origin)
    if callee.path in ("os.path.abspath", "os.path.realpath", "os.path.expanduser"):
        return located(result, known(arguments.get(0) or UNKNOWN))
    return result
