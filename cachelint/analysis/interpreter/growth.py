"""Texts and lists to which the program adds while it runs: where they live, and what is made of them."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import expressions, operators, recurrence
from cachelint.analysis.interpreter.relevance import facts_of, is_watched
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.scope import Scope
from cachelint.analysis.surroundings import is_constructing
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    GROWING,
    LOOP,
    Constant,
    Hole,
    Instance,
    Sequence,
    Symbol,
    Text,
    Value,
    in_attribute,
    options_of,
)

_LOOPS = (cst.For, cst.While)


def of(value: Value) -> str:
    """Where the list lives from whose elements those of a value are made, if the program adds to it; empty if not."""
    for option in options_of(value):
        if isinstance(option, Sequence):
            if option.growing:
                return option.growing
            if in_attribute(option.origin) and _is_added_to(option):
                return option.origin
    return ""


def of_global(filename: str, name: str, value: Value | None) -> None:
    """Note in a list that a module binds whether functions add to it."""
    for option in options_of(value) if value is not None else ():
        if isinstance(option, Sequence) and not option.growing and _is_added_to(option):
            option.growing = f"{filename}:{name}"


def _is_added_to(history: Sequence) -> bool:
    return any(item.stored and item.site is not None and not is_constructing(item.site) for item in history.items)


def of_loops(state: State, outside: tuple[int, ...]) -> str:
    """Where that grows through which the running loops go, those left out that a list was made in."""
    inside = state.loops[len(outside) :] if state.loops[: len(outside)] == outside else ()
    return next((origin for loop in inside if (origin := state.grown_loops.get(loop, ""))), "")


def of_length(state: State, value: Value) -> str:
    """Where the list lives whose length is another one in each request; empty for any other value."""
    origin = of(value)
    if origin:
        return origin
    grown = {
        loop
        for option in options_of(value)
        if isinstance(option, Sequence)
        for item in option.items
        for loop in item.grown[len(option.loops) :]
    }
    nodes = (state.loop_nodes.get(loop) for loop in grown if loop in state.loops)
    return LOOP if any(isinstance(node, _LOOPS) and is_watched(facts_of(node.body), state) for node in nodes) else ""


def holes(origin: str) -> list[Text]:
    """What stands in a text for what will have been added to it."""
    return [Text((Hole(kind=GROWING, path=origin),))] if origin else []


def added(state: State, target: cst.BaseExpression, result: Value, scope: Scope) -> Value:
    """The result of `text += …`: a text that grows, when it outlives the request or goes through what grows."""
    origin = _origin(state, target, scope)
    if not origin or not any(_is_text(option) for option in options_of(result)):
        return result
    return operators.concatenated(result, holes(origin)[0]) if _is_text(result) else result


def _is_text(value: Value) -> bool:
    if isinstance(value, Constant):
        return isinstance(value.value, str)
    return isinstance(value, Text) or (isinstance(value, Symbol) and value.kind in ("", "text"))


def _origin(state: State, target: cst.BaseExpression, scope: Scope) -> str:
    if isinstance(target, cst.Name):
        if target.value in scope.globals:
            return f"{scope.module.filename}:{target.value}"
        if recurrence.sending_loops(state, target.value):
            return LOOP
        return _of_loop_through(state, target.value)
    if not isinstance(target, cst.Attribute):
        return ""
    for option in options_of(expressions.evaluate(state, target.value, scope)):
        if isinstance(option, Instance) and not is_constructing(Site(scope.segment, target)):
            return f"{option.cls.module.filename}:{option.cls.contents.qualified_name}.{target.attr.value}"
    return ""


def _of_loop_through(state: State, name: str) -> str:
    """Where that grows through which a loop goes that adds to a text made before it."""
    for loop in reversed(state.loops):
        node = state.loop_nodes.get(loop)
        if not isinstance(node, (cst.For, cst.While)) or name in recurrence.set_anew(node):
            return ""
        if state.grown_loops.get(loop):
            return state.grown_loops[loop]
    return ""


def appends(target: cst.BaseExpression, value: cst.BaseExpression) -> bool:
    """Whether `target = value` is another way to write `target += …`."""
    if not isinstance(target, cst.Attribute):
        return False
    if isinstance(value, cst.FormattedString):
        return any(
            isinstance(part, cst.FormattedStringExpression) and target.deep_equals(part.expression)
            for part in value.parts
        )
    while isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        value = value.left
        if target.deep_equals(value):
            return True
    return False
