"""Lists of messages: where they live, and what happens to messages that have been sent already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from cachelint.analysis.interpreter import expressions, targets
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.iteration import element_of
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site, children
from cachelint.analysis.values import (
    Condition,
    Constant,
    Edit,
    Entry,
    Instance,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    children_of,
    in_attribute,
    options_of,
    origin_of,
)

MAXIMUM_STEP = 8
"""A history that loses this many messages or more at a time is not cut on every turn."""

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


def window(state: State, node: cst.Slice, site: Site) -> tuple[Edit, ...]:
    """`history[-n:]`: a window that slides with each turn, unless it is cut rarely and to far less than it was."""
    bound = _code(node.lower.expression) if isinstance(node.lower, cst.UnaryOperation) else ""
    if bound in ("", "1"):
        return ()
    limits = [limit for condition in state.conditions_since(()) for limit in _limits(condition)]
    if limits and not any(_near(limit, bound) for limit in limits):
        return ()
    return (Edit("window", site),)


def dropped(state: State, history: Sequence, site: Site) -> None:
    """`history.pop(0)`, `del history[:2]`: remember it where it keeps the history at a limit."""
    limits = [limit for condition in state.conditions_since(()) for limit in _limits(condition)]
    if history.origin and history.kind != "tuple" and limits and not _drops_much(site.node):
        _remember(history, Edit("dropped", site))


def inserted(state: State, history: Sequence, site: Site) -> None:
    """`self.history.insert(0, message)`: remember it where nothing decides that it happens once only."""
    if in_attribute(history.origin) and history.lasting and not state.branch:
        _remember(history, Edit("inserted", site))


def pinned(state: State, target: cst.Subscript, message: Value, value: Value, scope: Scope) -> None:
    """`self.history[0]["content"] = text`, on each turn: the message is not what it was when it was sent."""
    holder = target.value
    if not isinstance(message, Mapping) or not isinstance(holder, cst.Subscript) or isinstance(value, Constant):
        return
    if state.branch or _code(target.slice[0]) not in ('"content"', "'content'") or _code(holder.slice[0]) != "0":
        return
    if in_attribute(origin_of(expressions.evaluate(state, holder.value, scope))):
        message.edited = Site(scope.segment, target)


def _remember(history: Sequence, edit: Edit) -> None:
    history.edits = (*(known for known in history.edits if known.site != edit.site), edit)


def _limits(condition: Condition) -> Iterable[str]:
    """The limits with which a test compares the length of something, as source: `20` of `len(history) > 20`."""
    stack: list[cst.CSTNode] = [condition.site.node]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
            target = node.comparisons[0]
            above = isinstance(target.operator, (cst.GreaterThan, cst.GreaterThanEqual))
            if above and re.search(r"\blen\(|token|length|size|count|total", _code(node.left), re.IGNORECASE):
                yield _code(target.comparator)
        stack.extend(children(node))


def _near(limit: str, bound: str) -> bool:
    """Whether a history cut to `bound` is soon at `limit` again."""
    if limit.isdigit() and bound.isdigit():
        return int(limit) - int(bound) < MAXIMUM_STEP
    return limit.strip("()") == bound.strip("()")


def _drops_much(node: cst.CSTNode) -> bool:
    digits = re.search(r"\[:\s*(\d+)\s*\]", _code(node))
    return digits is not None and int(digits[1]) >= MAXIMUM_STEP


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


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
