"""The return from a function, as a step on the way of what varies."""

from __future__ import annotations

from collections.abc import Callable

from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Instance, Mapping, Sequence, Symbol, Text, Value, rebuilt, varies
from cachelint.analysis.variation import Variation

_Step = Callable[[Variation], Variation]


def returned(value: Value, site: Site, name: str) -> Value:
    """What a function returns, with the return as a step on the way of everything in it that varies."""
    message = f"returned by {name}()"

    def step(variation: Variation) -> Variation:
        return variation.through(site, message)

    if isinstance(value, (Sequence, Mapping, Instance)):
        _step_inside(value, step, set())
        return value
    return rebuilt(value, step) if varies(value) else value


def _step_inside(value: Value, step: _Step, seen: set[int]) -> None:
    """Add a step to what varies in a container, keeping its identity."""
    if id(value) in seen or len(seen) > 400:
        return
    seen.add(id(value))
    if isinstance(value, Sequence):
        value.order = tuple(step(variation) for variation in value.order)
        for item in value.items:
            item.value = _stepped(item.value, step, seen)
    elif isinstance(value, Mapping):
        value.order = tuple(step(variation) for variation in value.order)
        for entry in value.entries.values():
            entry.value = _stepped(entry.value, step, seen)
        value.rest = [_stepped(inner, step, seen) for inner in value.rest]


def _stepped(value: Value, step: _Step, seen: set[int]) -> Value:
    if isinstance(value, (Text, Symbol)):
        return rebuilt(value, step) if varies(value) else value
    _step_inside(value, step, seen)
    return value
