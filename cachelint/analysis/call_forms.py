"""How a call of a function reads, where nothing but names is known yet."""

from __future__ import annotations

from collections.abc import Collection

from cachelint.analysis.interpreter.definitions import PROPERTY
from cachelint.analysis.project import Module
from cachelint.analysis.values import Function

CONSTRUCTORS = frozenset(("__init__", "__post_init__"))
"""Methods that a call of their class runs."""


def called_as(function: Function, names: Collection[str]) -> frozenset[str]:
    """How a call of a function that is known under `names` reads: `name` for a name, `.name` for an attribute."""
    assert function.contents is not None
    attributes = {f".{name}" for name in names}
    if function.owner is None or function.contents.name in CONSTRUCTORS:
        return frozenset((*names, *attributes))
    return frozenset((*(set(names) - {function.contents.name}), *attributes))


def by_mention(function: Function) -> bool:
    """Whether a function can run without a call that reads like one."""
    return PROPERTY in function.decorations or (
        function.contents is not None and function.contents.name in ("__call__", "__post_init__")
    )


def aliases(module: Module, name: str) -> set[str]:
    """The other names under which a module imports `name`."""
    return {
        bound
        for bound, targets in module.contents.all_imports.items()
        if bound != name and any(target.name == name for target in targets)
    }
