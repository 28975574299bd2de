"""Top-level names that functions change: by a `global` statement, in a registry, or from another module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.contexts import CALLER_STEPS
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import calls, definitions, names, relevance
from cachelint.analysis.interpreter.state import Arguments, BudgetSpent, Context, State
from cachelint.analysis.project import Module
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Constant, Function, Instance, Mapping, Sequence, Value
from cachelint.analysis.watching import detached

MAXIMUM_FUNCTIONS = 6
"""Functions that change one name and are evaluated for it."""

MAXIMUM_CALLS = 6
"""Ways of calling one of them."""

MAXIMUM_DECORATED = 24
"""Functions that are entered into one registry by a decorator."""

MAXIMUM_NESTED = 3
"""Names that are looked up while others are, so that what changes one may depend on another."""

_Changing = dict[str, list[FunctionContents]]


def apply_changes(state: State, module: Module, name: str, value: Value | None) -> None:
    """Evaluate, once, what the functions of the project do to a top-level name that holds `value` after the import."""
    key = ("changes", module.filename, name)
    if key in state.memo or state.testing:  # the truth of a test is not worth a search
        return
    changing = _changing(state, module).get(name, ())
    outside = name in module.contents.bindings and _is_empty(value)
    nested = sum(1 for token in state.running if isinstance(token, tuple) and token[0] == "changes")
    if (not changing and not outside) or nested >= MAXIMUM_NESTED:
        return
    state.memo[key] = True
    state.running.add(key)
    try:
        for contents in changing[:MAXIMUM_FUNCTIONS]:
            _change(state, module, contents, name)
        if outside:
            _assign_from_outside(state, name)
    finally:
        state.running.discard(key)


def _is_empty(value: Value | None) -> bool:
    """Whether a value waits for another one."""
    if isinstance(value, Constant):
        return value.value in (None, "")
    if isinstance(value, Sequence):
        return not value.items
    return isinstance(value, Mapping) and not (value.entries or value.rest)


def _changing(state: State, module: Module) -> _Changing:
    """For each top-level name of a module, its functions that change it."""
    key = ("changing", module.filename)
    known: _Changing | None = state.memo.get(key)
    if known is None:
        known = {}
        for contents in module.contents.everything:
            if contents.name != "<module>":
                mutated = contents.mutated & module.contents.bindings.keys()
                for name in sorted(contents.globals | mutated):
                    known.setdefault(name, []).append(contents)
        state.memo[key] = known
    return known


def _change(state: State, module: Module, contents: FunctionContents, name: str) -> None:
    function = definitions.function(state, module, contents)
    if not isinstance(function, Function) or _is_searched(state, contents):
        return
    seeds = frozenset((name,))
    for context in _contexts(state, function, seeds):
        with detached(state, CALLER_STEPS), suppress(BudgetSpent), state.branching():
            state.chain = context.chain
            calls.run(state, function, context.receiver, context.arguments, seeds=seeds)
    for other, decorated in _decorated_by(state, module, contents.name):
        names.module_name(state, other, decorated)


def _is_searched(state: State, contents: FunctionContents) -> bool:
    """Whether the callers of a function are being looked for."""
    return any(isinstance(token, tuple) and token[:2] == ("contexts", id(contents)) for token in state.running)


def _contexts(state: State, function: Function, seeds: frozenset[str]) -> list[Context]:
    """How the function is called; callers are searched only when what it does to the name depends on them."""
    relevant = relevance.relevant_names(function.node.body, seeds, state, function.owner, results=False)
    own = set(function.contents.parameters) if function.contents is not None else set()
    receiver = Instance(function.owner, generic=True) if function.owner is not None else None
    if own & relevant:
        found: list[Context] = state.contexts.of_storing(state, function, receiver, frozenset(own & relevant))
        return found[:MAXIMUM_CALLS]
    return [Context(Arguments([], {}, Site(function.segment, function.node)), receiver, ())]


def _decorated_by(state: State, module: Module, name: str) -> Iterator[tuple[Module, str]]:
    """The functions of the project to which a decorator of that name is applied when they are imported."""
    count = 0
    for filename in dict.fromkeys((module.filename, *state.project.files_decorating(name))):
        other = state.project.module(filename) if not is_test(filename) else None
        for found in list(other.contents.functions.values()) if other is not None else ():
            if any(decorator.rpartition(".")[2] == name for decorator in found.decorators) and other is not None:
                count += 1
                if count > MAXIMUM_DECORATED:
                    return
                yield other, found.name


def _assign_from_outside(state: State, name: str) -> None:
    """Evaluate the functions that assign `module.name = …`."""
    count = 0
    for filename in state.project.files_assigning(name):
        module = state.project.module(filename) if not is_test(filename) else None
        for contents in module.contents.everything if module is not None else ():
            if name not in contents.foreign_attributes or module is None:
                continue
            function = definitions.function(state, module, contents)
            count += 1
            if count > MAXIMUM_FUNCTIONS or not isinstance(function, Function):
                continue
            receiver = Instance(function.owner, generic=True) if function.owner is not None else None
            with detached(state, CALLER_STEPS), suppress(BudgetSpent):
                state.watched_names = frozenset((name,))
                given = Arguments([], {}, Site(function.segment, function.node))
                calls.run(state, function, receiver, given, seeds=frozenset())
