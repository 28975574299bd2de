"""How a call of a function reads, where nothing but names is known yet."""

from __future__ import annotations

import re
from collections.abc import Collection

from cachelint.analysis.contents import Import
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


def aliases(module: Module, name: str) -> list[str]:
    """The other names under which a module imports `name`."""
    return _imported_as(module.contents.all_imports, name)


def _imported_as(imports: dict[str, list[Import]], name: str) -> list[str]:
    return [
        bound for bound, targets in imports.items() if bound != name and any(target.name == name for target in targets)
    ]


def other_names(module: Module, name: str) -> list[str]:
    """The names under which a module lets others import what it knows as `name`."""
    bound_names = [
        bound
        for bound, references in module.contents.method_names.items()
        if bound != name and bound in module.contents.bindings and name in references
    ]
    return _imported_as(module.contents.imports, name) + bound_names


def holders_of(module: Module, name: str) -> list[str]:
    """The top-level names of a module whose lists or dicts hold a function that it knows as `name`."""
    top_level = module.contents.everything[-1]
    if not {name, f".{name}"} & (top_level.calls - top_level.called):
        return []
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return [
        bound
        for bound, spans in module.contents.bindings.items()
        if bound != name and any(word.search(row) for span in spans for row in module.lines[span.first - 1 : span.last])
    ]
