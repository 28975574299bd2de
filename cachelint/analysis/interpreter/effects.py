"""Which attributes of its own object a method may change, by name.

A statement like `self._prepare()` is evaluated for what it changes. By the names that the method mentions, and those
that the methods mention which it calls on the same object, most such statements are seen to change nothing that is
asked for.
"""

from __future__ import annotations

from cachelint.analysis.interpreter import classes
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.values import Class

OWN = "self."
"""What names of an object's own attributes and methods begin with."""

EVERY_ATTRIBUTE = "self.*"
"""Stands for all attributes, where it is not known which of them are asked for."""


def may_change(state: State, owner: Class | None, methods: frozenset[str], names: frozenset[str] | set[str]) -> bool:
    """Whether calls of some methods of an object of `owner` may change one of its attributes among `names`."""
    attributes = {name.removeprefix(OWN) for name in names if name.startswith(OWN)}
    if not attributes or not methods:
        return False
    if owner is None or EVERY_ATTRIBUTE in names:
        return True
    return any(
        mentioned is None or attributes & mentioned
        for mentioned in (_mentioned(state, owner, method) for method in methods)
    )


def _mentioned(state: State, owner: Class, method: str) -> set[str] | None:
    """What a method mentions and what it calls of its own object; None when one of these is not of the project."""
    key = ("mentioned", id(owner.contents), method)
    if key not in state.memo:
        state.memo[key] = _search(state, owner, method)
    found: set[str] | None = state.memo[key]
    return found


def _search(state: State, owner: Class, method: str) -> set[str] | None:
    mentioned: set[str] = set()
    pending, seen = [method], {method}
    ancestry = classes.ancestry(state, owner)
    while pending:
        name = pending.pop()
        contents = next((at.contents.methods[name] for at in ancestry if name in at.contents.methods), None)
        if contents is None:
            return None
        mentioned |= contents.references | contents.stored_attributes
        called = {call.removeprefix(OWN) for call in contents.calls if call.startswith(OWN)}
        pending += (called & {inner for at in ancestry for inner in at.contents.methods}) - seen
        seen |= called
    return mentioned
