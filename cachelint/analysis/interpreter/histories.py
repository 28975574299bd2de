"""Lists of messages: where they live, and what happens to messages that have been sent already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from cachelint.analysis.interpreter import expressions, targets
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.iteration import element_of
from cachelint.analysis.scope import Scope
from cachelint.analysis.values import (
    Entry,
    Instance,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    children_of,
    options_of,
)

_GROWING = (".append", ".extend", ".insert")
_Before = list[tuple[Mapping, dict[object, Entry]]]


def owned(value: Value, holder: Instance, name: str) -> Value:
    """The value of an attribute, knowing in which attribute it lives."""
    origin = f"{holder.cls.module.filename}:{holder.cls.contents.qualified_name}.{name}"
    for option in options_of(value):
        if isinstance(option, Sequence) and (not option.origin or option.origin.startswith("#")):
            option.origin = origin
    if isinstance(value, Symbol) and not value.kind and value.path.startswith("?.") and not value.origin:
        return replace(value, origin=origin)
    return value


def grown(state: State, node: cst.Call, callee: Value, arguments: Arguments, scope: Scope) -> bool:
    """A message added to a list that is not known makes it one that is known to end in this message; whether it did."""
    func = node.func
    if not isinstance(callee, Symbol) or not callee.path.endswith(_GROWING) or not isinstance(func, cst.Attribute):
        return False
    if not isinstance(func.value, (cst.Name, cst.Attribute)) or not any(map(_is_message, arguments.positional)):
        return False
    receiver = expressions.evaluate(state, func.value, scope)
    if isinstance(receiver, Symbol) and not receiver.kind and not receiver.variations:
        made = Sequence("list", [Item(element_of(receiver), repeated=True)], lasting=True, origin=receiver.origin)
        targets.assign(state, func.value, made, scope)
        return True
    return False


def _is_message(value: Value) -> bool:
    if isinstance(value, Sequence):
        return any(_is_message(item.value) for item in value.items)
    return isinstance(value, Mapping) and "role" in value.entries


def detach(copy: Value) -> None:
    """Mark the messages of a copied history: what is changed in them is gone on the next turn."""
    if isinstance(copy, Sequence) and copy.origin:
        for mapping in _mappings(item.value for item in copy.items):
            mapping.detached = True


def before(items: Iterable[Item], node: cst.For) -> _Before:
    """The messages of a loop over all but the newest ones, as they are before it: `for message in history[:-2]`."""
    if not _leaves_newest_out(node.iter):
        return []
    return [(mapping, dict(mapping.entries)) for mapping in _mappings(item.value for item in items)]


def compare(messages: _Before) -> None:
    """Mark the messages in which a loop has replaced something."""
    for mapping, entries in messages:
        for key, entry in mapping.entries.items():
            if key != "cache_control" and entries.get(key) is not entry and entry.site is not None:
                mapping.edited = entry.site


def _leaves_newest_out(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.args:
        return node.func.value in ("enumerate", "reversed", "list") and _leaves_newest_out(node.args[0].value)
    if not isinstance(node, cst.Subscript) or not isinstance(node.slice[0].slice, cst.Slice):
        return False
    bounds = node.slice[0].slice
    return isinstance(bounds.upper, cst.UnaryOperation) and isinstance(bounds.upper.operator, cst.Minus)


def _mappings(values: Iterable[Value], depth: int = 8) -> Iterable[Mapping]:
    for value in values:
        if isinstance(value, Mapping):
            yield value
        if depth:
            yield from _mappings(children_of(value), depth - 1)
