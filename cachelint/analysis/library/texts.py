"""Methods of strings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.analysis.interpreter import rendering
from cachelint.analysis.library import clock
from cachelint.analysis.values import (
    Constant,
    Hole,
    Item,
    Sequence,
    Symbol,
    Text,
    Value,
    constant_text,
    parts_of,
    variations_in,
)

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

_SAME = frozenset(
    ("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "swapcase", "casefold", "expandtabs",
     "removeprefix", "removesuffix", "ljust", "rjust", "center", "zfill", "encode", "decode", "translate")
)  # fmt: skip
_TESTS = frozenset(
    (
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isspace",
        "isupper",
        "islower",
        "isnumeric",
        "find",
        "index",
        "count",
        "rfind",
    )
)


MAXIMUM_WIDTH = 10_000
"""A text that is padded to a greater width is not known."""


def call(state: State, receiver: Value, name: str, arguments: Arguments) -> Value:
    """What `receiver.name(...)` returns for a string."""
    site = arguments.site
    positional = arguments.positional
    if name == "format":
        return rendering.str_format(state, receiver, positional, arguments.named, arguments.spread, site)
    if name == "format_map":
        return rendering.str_format(state, receiver, [], {}, [*positional], site)
    if name == "join" and positional:
        return rendering.joined_by(state, receiver, positional[0], site)
    if name == "replace" and len(positional) >= 2:
        return rendering.replaced(state, receiver, positional[0], positional[1], site)
    if name in _SAME:
        return _unchanged(receiver, name, arguments)
    if name in _TESTS:
        return _tested(receiver, name, arguments)
    if name in ("split", "rsplit", "splitlines"):
        return _split(receiver, arguments)
    if name in ("partition", "rpartition"):
        return _partitioned(receiver, arguments)
    return Text((Hole(variations_in(receiver)),))


def _unchanged(receiver: Value, name: str, arguments: Arguments) -> Value:
    text = constant_text(receiver)
    constants = [value.value for value in arguments.positional if isinstance(value, Constant)]
    wide = any(isinstance(constant, int) and constant > MAXIMUM_WIDTH for constant in constants)
    if text is not None and len(constants) == len(arguments.positional) and not arguments.named and not wide:
        try:
            result = getattr(text, name)(*constants)
        except (TypeError, ValueError, AttributeError, LookupError, OverflowError, MemoryError):
            return Text((Hole(),))
        return Constant(result)
    if name == "encode" and isinstance(receiver, Text):
        return receiver
    if name.endswith("strip") and isinstance(receiver, Symbol) and receiver.origin:
        return replace(receiver, kind="text")  # still the text of the file that was read
    return Text(parts_of(receiver))


def _tested(receiver: Value, name: str, arguments: Arguments) -> Value:
    text = constant_text(receiver)
    constants = [value.value for value in arguments.positional if isinstance(value, Constant)]
    if text is not None and len(constants) == len(arguments.positional):
        try:
            return Constant(getattr(text, name)(*constants))
        except (TypeError, ValueError):
            pass
    return Symbol(kind="bool")


def _split(receiver: Value, arguments: Arguments) -> Value:
    text = constant_text(receiver)
    separator = constant_text(arguments.positional[0]) if arguments.positional else None
    if text is not None and (separator or not arguments.positional) and len(text) < 20_000:
        return Sequence("list", [Item(Constant(piece)) for piece in text.split(separator)])
    variations = variations_in(receiver)
    if isinstance(receiver, Text) and len(receiver.parts) == 1 and isinstance(receiver.parts[0], Hole):
        hole = receiver.parts[0]
        if hole.kind == "datetime" and separator in ("T", " ", None):
            date = Text((Hole(clock.truncated(hole.variations, 10), "date"),))
            return Sequence("list", [Item(date), Item(Text((Hole(hole.variations),)))])
    return Sequence("list", [Item(Symbol(kind="text", variations=variations), repeated=True)])


def _partitioned(receiver: Value, arguments: Arguments) -> Value:
    text = constant_text(receiver)
    separator = constant_text(arguments.positional[0]) if arguments.positional else None
    if text is not None and separator:
        return Sequence("tuple", [Item(Constant(piece)) for piece in text.partition(separator)])
    if isinstance(receiver, Text) and separator:
        found = _split_parts(receiver, separator)
        if found is not None:
            head, tail = found
            return Sequence("tuple", [Item(head), Item(Constant(separator)), Item(tail)])
    whole = Text((Hole(variations_in(receiver)),))
    return Sequence("tuple", [Item(whole), Item(Text((Hole(),))), Item(whole)])


def _split_parts(text: Text, separator: str) -> tuple[Text, Text] | None:
    """The parts before and behind a separator that stands in the known text."""
    for position, part in enumerate(text.parts):
        if isinstance(part, str) and separator in part:
            before, _, behind = part.partition(separator)
            head = (*text.parts[:position], before) if before else text.parts[:position]
            tail = (behind, *text.parts[position + 1 :]) if behind else text.parts[position + 1 :]
            return Text(head), Text(tail)
    return None
