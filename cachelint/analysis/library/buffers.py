"""Texts that are written piece by piece: `io.StringIO`, and what is printed into one."""

from __future__ import annotations

from cachelint.analysis.interpreter import rendering
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.library import containers
from cachelint.analysis.values import NONE, UNKNOWN, Constant, Item, Sequence, SequenceKind, Symbol, Value

KIND: SequenceKind = "buffer"
"""Of a sequence whose items are the pieces of a text."""


def opened(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """`io.StringIO(text)`."""
    start = arguments.get(0, "initial_value")
    return Sequence(KIND, [Item(start)] if start is not None else [], birth=state.branch, loops=state.loops)


def call(state: State, receiver: Sequence, name: str, arguments: Arguments) -> Value:
    """What a method of a text buffer does and returns."""
    first = arguments.get(0)
    if name == "write" and first is not None:
        containers.append(state, receiver, first, arguments.site)
        return NONE
    if name == "writelines" and first is not None:
        containers.extend(state, receiver, first, arguments.site)
        return NONE
    if name in ("getvalue", "read"):
        return rendering.joined_by(state, Constant(""), receiver, arguments.site)
    return UNKNOWN


def printed(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """`print(…, file=buffer)`; what is printed elsewhere has gone."""
    file = arguments.named.get("file")
    if isinstance(file, Sequence) and file.kind == KIND:
        separator = arguments.named.get("sep", Constant(" "))
        pieces = Sequence(
            "tuple", [Item(rendering.as_text(state, value, arguments.site)) for value in arguments.positional]
        )
        containers.append(state, file, rendering.joined_by(state, separator, pieces, arguments.site), arguments.site)
        containers.append(state, file, arguments.named.get("end", Constant("\n")), arguments.site)
    return NONE


MODELS = {"io.StringIO": opened, "print": printed}
