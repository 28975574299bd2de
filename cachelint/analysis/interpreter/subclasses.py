"""The classes that inherit a class: what a mixin relies on, and what a method stands for that is only declared."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import classes, definitions
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.values import Class, Function

MAXIMUM_SUBCLASSES = 4
"""Of a class with more, nobody knows which one is meant."""

_MAXIMUM_FILES = 8


def of(state: State, cls: Class) -> list[Class]:
    """The classes of the project that may stand for `cls`, as they name it among their bases; none where many do."""
    found = direct(state, cls)
    return found if len(found) <= MAXIMUM_SUBCLASSES else []


def direct(state: State, cls: Class) -> list[Class]:
    """The classes of the project that name `cls` among their bases."""
    key = ("subclasses", id(cls.contents))
    known: list[Class] | None = state.memo.get(key)
    if known is None:
        known = state.memo[key] = list(_search(state, cls))
    return known


def overriding(state: State, cls: Class, name: str) -> Iterator[tuple[Class, Function]]:
    """The methods `name` that classes below `cls` define anew, each with its class."""
    for derived in of(state, cls):
        if name in derived.contents.methods:
            method = classes.method_of(state, derived, name)
            if method is not None:
                yield derived, method
        yield from overriding(state, derived, name)


def _search(state: State, cls: Class) -> Iterator[Class]:
    name = cls.contents.name
    testing = is_test(cls.module.filename)
    files = [file for file in state.project.files_deriving(name) if testing or not is_test(file)]
    for file in files if len(files) <= _MAXIMUM_FILES else ():
        module = state.project.module(file)
        for contents in module.contents.classes.values() if module is not None else ():
            if module is None or contents is cls.contents or not any(name in base for base in contents.bases):
                continue
            derived = definitions.owning_class(state, module, contents)
            if any(
                isinstance(base, Class) and base.contents is cls.contents for base in classes.bases_of(state, derived)
            ):
                yield derived
