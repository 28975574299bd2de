"""What a call returns, and what is learned from it: prompts that are sent, and how functions of interest are called."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from cachelint.analysis import library
from cachelint.analysis.clients import objects
from cachelint.analysis.interpreter import (
    classes,
    effects,
    expressions,
    histories,
    memory,
    parameters,
    relevance,
    statements,
    subclasses,
    targets,
    watched_calls,
)
from cachelint.analysis.interpreter.definitions import CACHED, CLASSMETHOD, STATIC, is_stub
from cachelint.analysis.interpreter.demand import Demand, encoded
from cachelint.analysis.interpreter.returning import returned
from cachelint.analysis.interpreter.state import MAXIMUM_DEPTH, Arguments, BudgetSpent, State
from cachelint.analysis.iteration import elements
from cachelint.analysis.scope import Scope
from cachelint.analysis.sources import WRITTEN
from cachelint.analysis.surroundings import last_name
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Choice,
    Class,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Partial,
    Sequence,
    Symbol,
    Value,
    choice,
    rebuilt,
)
from cachelint.analysis.variation import Period, Step, merged

NESTED_CALL_SHARE = 4
"""Where calls are limited, those that one makes get one part in so many of its steps."""


def evaluate_call(state: State, node: cst.Call, scope: Scope) -> Value:
    """The value of a call expression."""
    special = _super_call(state, node, scope)
    if special is not None:
        return special
    callee = expressions.evaluate(state, node.func, scope)
    if last_name(node.func) in _STARTERS:
        with state.concurrently():
            return call(state, callee, evaluate_arguments(state, node, scope))
    demanded = state.demand is not None and _may_be_watched(state, node, callee)
    arguments = evaluate_arguments(state, node, scope, state.demand if demanded else None)
    if histories.grown(state, node, callee, arguments, scope):
        callee = expressions.evaluate(state, node.func, scope)
    result = call(state, callee, arguments)
    if isinstance(result, Symbol) and result.path == WRITTEN:
        return _written(state, node, result, scope)
    return result


def _written(state: State, node: cst.Call, written: Symbol, scope: Scope) -> Value:
    """`figure.savefig(buffer)`: the buffer holds something else each time."""
    target = node.args[0].value
    if isinstance(target, (cst.Name, cst.Attribute)):
        buffer = expressions.evaluate(state, target, scope)
        if isinstance(buffer, Symbol):
            made = replace(buffer, variations=merged(buffer.variations, written.variations))
            targets.assign(state, target, made, scope)
    return NONE


_STARTERS = frozenset(("create_task", "start_soon", "spawn", "submit", "apply_async", "run_in_executor", "Thread"))
"""What starts tasks and threads: they finish in an order of their own."""


def _may_be_watched(state: State, node: cst.Call, callee: Value) -> bool:
    """Whether a call with the name of a watched function may be one of it, so that only what it asks for matters."""
    if encoded(node.func) not in state.watched_calls:
        return False
    if isinstance(callee, Choice):
        return all(_may_be_watched(state, node, option) for option in callee.options)
    if isinstance(callee, Method):
        callee = callee.function if callee.function is not None else UNKNOWN
    if isinstance(callee, Function):
        return callee.contents is not None and any(
            contents.name == callee.contents.name for contents in state.watched_functions.values()
        )
    return isinstance(callee, Class) or (isinstance(callee, Symbol) and callee.path.startswith("?"))


def evaluate_arguments(state: State, node: cst.Call, scope: Scope, demand: Demand | None = None) -> Arguments:
    """The arguments of a call, with `*` and `**` taken apart where they are known; what is not demanded is unknown."""
    arguments = Arguments([], {}, Site(scope.segment, node))
    maybe: set[str] = set()
    wanted = demand.wanted(node) if demand is not None else node.args
    for argument in node.args:
        value = expressions.evaluate(state, argument.value, scope) if argument in wanted else UNKNOWN
        if argument.star == "*":
            items, _ = elements(state, value, arguments.site)
            if any(item.maybe or item.repeated for item in items):
                arguments.spread.append(value)
            else:
                arguments.positional.extend(item.value for item in items)
        elif argument.star == "**":
            _spread_mapping(arguments, value, maybe)
        elif argument.keyword is not None:
            arguments.named[argument.keyword.value] = value
        else:
            arguments.positional.append(value)
    arguments.maybe = frozenset(maybe)
    return arguments


def _spread_mapping(arguments: Arguments, value: Value, maybe: set[str]) -> None:
    merged_mapping = value
    if not isinstance(value, Mapping):
        merged_mapping = Mapping()
        expressions.merge_into(merged_mapping, value)
    assert isinstance(merged_mapping, Mapping)
    for key, entry in merged_mapping.entries.items():
        if isinstance(key, str):
            arguments.named[key] = entry.value
            if entry.maybe:
                maybe.add(key)
    if merged_mapping.open or merged_mapping.rest:
        arguments.spread.append(merged_mapping)


def _super_call(state: State, node: cst.Call, scope: Scope) -> Value | None:
    """`super().method(...)`: the method of the next class."""
    func = node.func
    if not (isinstance(func, cst.Attribute) and isinstance(func.value, cst.Call)):
        return None
    inner = func.value.func
    if not (isinstance(inner, cst.Name) and inner.value == "super") or scope.owner is None:
        return None
    receiver = _own_object(scope)
    for base in classes.ancestry(state, scope.owner)[1:]:
        method = classes.method_of(state, base, func.attr.value)
        if method is not None:
            arguments = evaluate_arguments(state, node, scope)
            return call_function(
                state, method, receiver, arguments.positional, arguments.named, arguments.site, arguments.spread
            )
    arguments = evaluate_arguments(state, node, scope)
    if func.attr.value == "__init__" and isinstance(receiver, Instance):
        for name, value in arguments.named.items():
            receiver.attributes.setdefault(name, value)
    return UNKNOWN


def _own_object(scope: Scope) -> Value:
    at: Scope | None = scope
    while at is not None:
        for name in ("self", "cls"):
            if name in at.names:
                return at.names[name]
        at = at.parent
    return UNKNOWN


def call(state: State, callee: Value, arguments: Arguments) -> Value:
    """What calling `callee` returns."""
    if isinstance(callee, Choice):
        results = []
        for option in callee.options:
            with state.branching():
                results.append(call(state, option, arguments))
        return choice(results)
    if isinstance(callee, Symbol):
        return _call_symbol(state, callee, arguments)
    if isinstance(callee, Function):
        return call_function(
            state,
            callee,
            None,
            arguments.positional,
            arguments.named,
            arguments.site,
            arguments.spread,
            arguments.maybe,
        )
    if isinstance(callee, Method):
        if callee.function is not None:
            return call_function(
                state,
                callee.function,
                callee.receiver,
                arguments.positional,
                arguments.named,
                arguments.site,
                arguments.spread,
                arguments.maybe,
            )
        return library.call_method(state, callee.receiver, callee.name, arguments)
    if isinstance(callee, Class):
        return state.sinks.called_own(state, callee, arguments) or classes.instantiate(state, callee, arguments)
    if isinstance(callee, Made):
        return objects.call_method(state, callee, "__call__", arguments)
    if isinstance(callee, Partial):
        named = {**dict(callee.named), **arguments.named}
        given = Arguments(
            [*callee.positional, *arguments.positional], named, arguments.site, arguments.spread, arguments.maybe
        )
        return call(state, callee.callee, given)
    if isinstance(callee, Sequence) and callee.order:
        return callee
    if isinstance(callee, Instance):
        result = call_method(state, callee, "__call__", arguments.positional, arguments.site, arguments)
        return UNKNOWN if result is None else result
    return UNKNOWN


def _call_symbol(state: State, callee: Symbol, arguments: Arguments) -> Value:
    sent = state.sinks.called(state, callee, arguments)
    if sent is not None:
        return sent
    watched_calls.of_unknown(state, callee, arguments)
    source = state.sources.called(state, callee, arguments)
    if source is not None:
        return source
    return library.call_function(state, callee, arguments)


def call_method(
    state: State,
    receiver: Instance,
    name: str,
    positional: list[Value],
    site: Site | None,
    arguments: Arguments | None = None,
) -> Value | None:
    """What a method of an object returns; None when its class has no such method."""
    method = classes.method_of(state, receiver.cls, name)
    if method is None:
        return None
    at = site or Site(method.segment, method.node)
    if arguments is not None:
        return call_function(state, method, receiver, positional, arguments.named, at, arguments.spread)
    return call_function(state, method, receiver, positional, {}, at)


def call_function(
    state: State,
    function: Function,
    receiver: Value | None,
    positional: list[Value],
    named: dict[str, Value],
    site: Site,
    spread: list[Value] | None = None,
    maybe: frozenset[str] = frozenset(),
) -> Value:
    """What a project function returns for these arguments."""
    arguments = Arguments(positional, named, site, spread or [], maybe)
    if function.contents is not None and id(function.contents) in state.watched_functions:
        watched_calls.watch(state, function, receiver, arguments)
        return Symbol(name="result")
    if receiver is not None and watched_calls.of_base(state, function, receiver, arguments):
        return Symbol(name="result")
    state.visited_calls.add(id(function.node))
    declared = state.sources.declared(state, function, arguments)
    if declared is not None:
        return declared
    sent = state.sinks.called_own(state, function, arguments)
    if sent is not None:
        return sent
    key = (id(function.node), id(receiver) if receiver is not None else 0)
    if state.depth >= MAXIMUM_DEPTH or _times_running(state, key) >= 2:
        return UNKNOWN
    if state.testing and not _sends(state, function):
        return UNKNOWN
    token = (*key, state.depth)
    state.running.add(token)
    state.depth += 1
    before, testing = state.chain, state.testing
    state.chain, state.testing = (*before, Step(site, f"calls {name_of(function)}()")), False
    try:
        result = _limited(state, function, receiver, arguments)
    finally:
        state.depth -= 1
        state.running.discard(token)
        state.chain, state.testing = before, testing
    if CACHED in function.decorations:
        result = rebuilt(result, lambda variation: variation.at_most_every(Period.PROCESS))
    return returned(result, site, name_of(function))


def _sends(state: State, function: Function) -> bool:
    return relevance.is_watched(relevance.facts_of(function.node.body), state)


def _limited(state: State, function: Function, receiver: Value | None, arguments: Arguments) -> Value:
    """The result of a call, as far as the steps reach that a call may take which leads nowhere."""
    steps = state.call_steps
    if steps is None or _sends(state, function):
        return _dispatched(state, function, receiver, arguments)
    result: Value = UNKNOWN

    def evaluate() -> None:
        nonlocal result
        result = _dispatched(state, function, receiver, arguments)

    state.call_steps = steps // NESTED_CALL_SHARE
    try:
        state.at_most(steps, evaluate)
    finally:
        state.call_steps = steps
    return result


def _dispatched(state: State, function: Function, receiver: Value | None, arguments: Arguments) -> Value:
    """The result of a call; of an object of which only a base class is known, subclasses may define the method anew."""
    result = _remembered(state, function, receiver, arguments)
    if not isinstance(receiver, Instance) or not receiver.generic or function.contents is None:
        return result
    results = [result]
    for cls, method in subclasses.overriding(state, receiver.cls, function.contents.name):
        named = arguments.positional, arguments.named, arguments.site, arguments.spread, arguments.maybe
        with state.branching():
            results.append(call_function(state, method, Instance(cls, generic=True), *named))
    return choice(results)


def _remembered(state: State, function: Function, receiver: Value | None, arguments: Arguments) -> Value:
    """The result of a call, evaluated once for equal arguments when evaluating it has no effect besides."""
    key = memory.key_of(state, function, receiver, arguments)
    if key is not None and key in state.results:
        return rebuilt(state.results[key])
    effects = state.effects
    result = run(state, function, receiver, arguments)
    if key is not None and state.effects == effects and key == memory.key_of(state, function, receiver, arguments):
        if len(state.results) >= memory.MAXIMUM_RESULTS:
            state.results.clear()
        state.results[key] = memory.anonymous(rebuilt(result))
    return result


def _times_running(state: State, key: tuple[int, int]) -> int:
    return sum(1 for token in state.running if isinstance(token, tuple) and len(token) == 3 and token[:2] == key)


def name_of(function: Function) -> str:
    """The function's name as a reader knows it: `Agent.run`."""
    if function.contents is not None:
        return function.contents.qualified_name
    return function.node.name.value if isinstance(function.node, cst.FunctionDef) else "lambda"


def run(
    state: State, function: Function, receiver: Value | None, arguments: Arguments, seeds: frozenset[str] | None = None
) -> Value:
    """Evaluate a function's body; with `seeds`, only what flows into those names."""
    scope = Scope(function.module, function.segment, function, function.scope, function.owner)
    if STATIC in function.decorations:
        receiver = None
    elif receiver is None and CLASSMETHOD in function.decorations:
        receiver = function.owner
    scope.yielded.birth, scope.yielded.loops = state.branch, state.loops
    parameters.bind(state, function, receiver, arguments, scope)
    if isinstance(function.node, cst.Lambda):
        return expressions.evaluate(state, function.node.body, scope)
    body = function.node.body
    if function.owner is not None and is_stub(body):
        return UNKNOWN
    scope.relevant = _slice(state, function, body, seeds, receiver)
    scope.results = seeds is None
    if seeds is not None and not seeds:
        scope.ends = relevance.last_watched(body, state)
    try:
        statements.execute(state, body, scope)
    except BudgetSpent:
        if state.call_steps is None or not scope.returned:
            raise
        state.truncations += 1
        scope.returned.append(UNKNOWN)
    if scope.yielded.items:
        return scope.yielded
    return choice(scope.returned) if scope.returned else NONE


def _slice(
    state: State, function: Function, body: cst.CSTNode, seeds: frozenset[str] | None, receiver: Value | None
) -> frozenset[str]:
    if seeds is not None:
        return relevance.relevant_names(body, seeds, state, function.owner, results=False)
    facts = relevance.facts_of(body)
    own = set(function.contents.parameters) if function.contents else set()
    mutated = {name for name in facts.binds | facts.passed if name in own or name.startswith("self.")}
    if function.scope is not None:
        mutated |= facts.binds  # a nested function may change the variables of the one around it
    if facts.own_calls:
        mutated.add(effects.EVERY_ATTRIBUTE)
    names = frozenset(mutated | (function.contents.globals if function.contents else set()))
    return relevance.relevant_names(body, names, state, function.owner)
