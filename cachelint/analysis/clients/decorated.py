"""Functions that decorators make part of an agent's prompt: ``@agent.system_prompt``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.clients.objects import Parts, rendered_once
from cachelint.analysis.surroundings import last_name
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import UNKNOWN, Function, Made, Value, options_of
from cachelint.sink_declaration import SinkDeclaration

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import State


def added(state: State, sites: tuple[Site, ...]) -> Parts:
    """What the decorated functions return that belong to the objects made at `sites`, by the part that it plays."""
    from cachelint.analysis.interpreter import calls

    found: dict[str, list[Value]] = {"system": [], "late": []}
    for site in sites:
        for function, declaration in (*_in_module(state, site), *_nested(state, site)):
            guard = ("decorated", id(function.node))
            if guard in state.running:
                continue
            state.running.add(guard)
            try:
                result = calls.call_function(state, function, None, [], {}, Site(function.segment, function.node))
            finally:
                state.running.discard(guard)
            found["late" if declaration.late else "system"].append(rendered_once(result, declaration.period))
    return {part: tuple(values) for part, values in found.items()}


def _in_module(state: State, site: Site) -> Iterator[tuple[Function, SinkDeclaration]]:
    """The decorated functions of the module in which an object is made."""
    from cachelint.analysis.interpreter import definitions, names

    module = site.segment.module
    for contents in module.contents.everything:
        for decorator in contents.decorators:
            root, _, last = decorator.rpartition(".")
            if not root or last not in state.sinks.adding:
                continue
            declaration = _adds(state, names.module_name(state, module, root), last, site)
            function = definitions.function(state, module, contents) if declaration is not None else None
            if declaration is not None and isinstance(function, Function):
                yield function, declaration


def _nested(state: State, site: Site) -> Iterator[tuple[Function, SinkDeclaration]]:
    """The decorated functions that are defined inside the function that is running."""
    for functions in state.defined_inside.values():
        for function in functions:
            if not isinstance(function.node, cst.FunctionDef) or function.scope is None:
                continue
            for decorator in function.node.decorators:
                node = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
                if not isinstance(node, cst.Attribute) or node.attr.value not in state.sinks.adding:
                    continue
                receiver = function.scope.names.get(last_name(node.value), UNKNOWN)
                declaration = _adds(state, receiver, node.attr.value, site)
                if declaration is not None:
                    yield function, declaration


def _adds(state: State, receiver: Value, name: str, site: Site) -> SinkDeclaration | None:
    """The declaration of a decorator, when it belongs to the object made at `site`."""
    for option in options_of(receiver):
        if isinstance(option, Made) and option.sites and option.sites[0] == site:
            entry = state.sinks.entry(f"{option.path}.{name}")
            if entry is not None and entry.declaration.does == "adds":
                return entry.declaration
    return None
