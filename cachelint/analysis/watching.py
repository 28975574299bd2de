"""Evaluation in search of something: a call, an assignment, an attribute. Nothing that it does is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cachelint.analysis.call_forms import by_mention, called_as
from cachelint.analysis.interpreter.demand import Demand
from cachelint.analysis.interpreter.state import MAXIMUM_STEPS, State
from cachelint.analysis.values import Function


@contextmanager
def watching(
    state: State, target: Function, names: frozenset[str], demand: Demand, *, mentioned: bool = False
) -> Iterator[None]:
    """Inside, calls of `target`, known under `names`, are watched; `mentioned`: what the names mean holds it."""
    before = state.watched_names, state.watched_calls, state.watched_functions, state.demand
    state.watched_functions = {id(target.contents): target.contents} if target.contents is not None else {}
    if mentioned or by_mention(target):
        state.watched_names, state.watched_calls, state.demand = names, frozenset(), None
    else:
        state.watched_names, state.watched_calls, state.demand = frozenset(), called_as(target, names), demand
    try:
        yield
    finally:
        state.watched_names, state.watched_calls, state.watched_functions, state.demand = before


@contextmanager
def detached(state: State, limit: int) -> Iterator[None]:
    """Inside, nothing is recorded, for at most `limit` steps."""
    before = {name: getattr(state, name) for name in _OF_ONE_RUN}
    state.watched, state.recorded, state.visited_calls, state.scripts = {}, [], set(), {}
    state.watched_names, state.watched_calls, state.watched_functions = frozenset(), frozenset(), {}
    state.watched_stores, state.demand, state.testing, state.call_steps = None, None, False, None
    state.branch, state.loops, state.chain, state.depth = (), (), (), 0
    state.steps = MAXIMUM_STEPS - limit
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(state, name, value)


_OF_ONE_RUN = (
    "watched", "watched_names", "watched_calls", "watched_functions", "watched_stores", "demand", "recorded", "branch",
    "loops", "chain", "steps", "call_steps", "depth", "visited_calls", "scripts", "testing",
)  # fmt: skip
