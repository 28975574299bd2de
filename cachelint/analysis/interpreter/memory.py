"""Remembering what a function returned for arguments that it is called with again."""

from __future__ import annotations

from collections.abc import Hashable

from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.values import (
    Choice,
    Class,
    Constant,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Module,
    Partial,
    Sequence,
    Symbol,
    Text,
    Value,
    children_of,
)

MAXIMUM_PARTS = 160
"""Arguments of more parts are not compared: evaluating again is cheaper."""


MAXIMUM_RESULTS = 20_000
"""Results that are kept; at more all are forgotten, so that a large project does not fill the memory."""


class _TooLarge(Exception):
    """A value of too many parts, or one that contains itself."""


def key_of(state: State, function: Function, receiver: Value | None, arguments: Arguments) -> Hashable:
    """What decides the result of a call; None when that cannot be told cheaply."""
    budget = [MAXIMUM_PARTS]
    try:
        shapes = (
            _shape(receiver, budget) if receiver is not None else None,
            tuple(_shape(value, budget) for value in arguments.positional),
            tuple((name, _shape(value, budget)) for name, value in sorted(arguments.named.items())),
            tuple(_shape(value, budget) for value in arguments.spread),
        )
    except (_TooLarge, TypeError):
        return None
    watched = state.watched_names, state.watched_calls, state.demand
    return id(function.node), id(function.scope), shapes, state.loops, watched


def outline(value: Value, depth: int = 5) -> Hashable:
    """What distinguishes a value for a prompt: what varies, what is long, how it is built; not which short text."""
    if isinstance(value, Symbol):
        return "symbol", value.variations, value.kind
    if isinstance(value, Constant):
        text = value.value
        return ("text", text) if isinstance(text, str) and len(text) > LONG_TEXT else type(text).__name__
    if isinstance(value, Text):
        length = sum(len(part) for part in value.parts if isinstance(part, str))
        return "text", value.variations, length > LONG_TEXT
    if depth == 0:
        return type(value).__name__
    if isinstance(value, Sequence):
        items = {outline(item.value, depth - 1) for item in value.items}
        origin = "" if value.origin.startswith("#") else value.origin
        return "sequence", frozenset(items), value.order, origin, value.edits
    if isinstance(value, Mapping):
        entries = frozenset((key, outline(entry.value, depth - 1)) for key, entry in value.entries.items())
        return "mapping", entries, value.order
    if isinstance(value, Instance):
        attributes = frozenset((name, outline(inner, depth - 1)) for name, inner in value.attributes.items())
        return "instance", id(value.cls.contents), attributes
    if isinstance(value, Choice):
        return "choice", frozenset(outline(option, depth - 1) for option in value.options)
    return type(value), id(value)


def anonymous(value: Value, depth: int = 4) -> Value:
    """The value, its lists no longer those of one call: the next call that is remembered to return them makes more."""
    if isinstance(value, Sequence) and value.origin.startswith("#"):
        value.origin = ""
    for child in children_of(value) if depth else ():
        anonymous(child, depth - 1)
    return value


LONG_TEXT = 200
"""Texts up to this length, in characters, do not tell one way of calling a function from another."""


def _shape(value: Value, budget: list[int]) -> Hashable:
    budget[0] -= 1
    if budget[0] < 0:
        raise _TooLarge
    if isinstance(value, (Constant, Text, Symbol)):
        return value
    if isinstance(value, Sequence):
        items = tuple((_shape(item.value, budget), item.maybe, item.repeated, item.stored) for item in value.items)
        return "sequence", value.kind, items, value.order, value.lasting, value.growing
    if isinstance(value, Mapping):
        entries = tuple((key, _shape(entry.value, budget), entry.maybe) for key, entry in value.entries.items())
        return "mapping", entries, tuple(_shape(inner, budget) for inner in value.rest), value.open, value.order
    if isinstance(value, Instance):
        attributes = tuple((name, _shape(inner, budget)) for name, inner in value.attributes.items())
        identity = id(value.cls.contents) if value.generic else id(value.made or value)
        return "instance", identity, attributes
    if isinstance(value, Made):
        parts = tuple((part, *(_shape(inner, budget) for inner in inners)) for part, inners in value.parts.items())
        return "made", value.path, value.sites, parts
    if isinstance(value, Choice):
        return "choice", tuple(_shape(option, budget) for option in value.options)
    if isinstance(value, Function):
        return "function", id(value.node), id(value.scope)
    if isinstance(value, Method):
        return "method", _shape(value.receiver, budget), value.name
    if isinstance(value, Partial):
        given = tuple(_shape(inner, budget) for inner in value.positional)
        return (
            "partial",
            _shape(value.callee, budget),
            given,
            tuple((name, _shape(inner, budget)) for name, inner in value.named),
        )
    if isinstance(value, Class):
        return "class", id(value.contents)
    if isinstance(value, Module):
        return "module", value.module.filename
    raise _TooLarge
