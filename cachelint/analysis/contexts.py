"""How a function is called: its callers in the whole project, and the arguments that they pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import libcst as cst

from cachelint.analysis.callers import MAXIMUM_MODULES, Caller, Callers
from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.distinct_contexts import distinct
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import calls, definitions, relevance, statements
from cachelint.analysis.interpreter.demand import Demand, demand_for
from cachelint.analysis.interpreter.state import MUCH_MORE, Arguments, BudgetSpent, Context, State
from cachelint.analysis.project import Module, Project
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Class, Function, Instance, Value
from cachelint.analysis.watching import detached, watching

MAXIMUM_CONTEXTS = 24
"""Calls of one function that are told apart; more add the same again."""

MAXIMUM_CALLERS = 60
"""Functions that are evaluated in search of calls of one function."""

MANY_CALLERS = 4
"""More functions than this are first looked at without a search for what the attributes of objects hold."""

MAXIMUM_ASSIGNERS = 6
"""Functions that are evaluated in search of assignments to one attribute from outside its class."""

MAXIMUM_FORKS = 6
"""Calls above a function that are followed, not counting those that are a function's only ones."""

MAXIMUM_CHAIN = 14
"""Calls above a function that are followed, those counted too."""

SEARCH_STEPS = 200_000
"""Evaluation steps spent on callers for one function that sends a prompt, half of it on those of each caller, and so
on.

Behind that callers are unknown. What is near the call matters most: what is far must not use up what it needs.
"""

TEST_SEARCH_STEPS = 20_000
"""Evaluation steps spent on callers for one test."""

RUN_STEPS = 640_000
"""Evaluation steps spent on callers in one run before the budget of each function shrinks."""

ATTRIBUTE_SHARE = 8
"""The search for what an attribute holds may spend one part in so many of what is left."""

CALLER_STEPS = 20_000
"""Evaluation steps spent on one caller at most."""

CALL_SHARE = 8
"""In the second look at a caller that is too large, each call gets one part in so many of the steps for the caller."""

LEAST_STEPS = 1_000
"""Evaluation steps that each caller gets, however little is left."""


class Contexts:
    """Finds the contexts of functions, each once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._callers = Callers(project, self._spend_on_reading)
        self._known: dict[tuple[int, frozenset[str]], tuple[list[Context], int | None]] = {}
        """What was found, and the budget that it was found with where that was too small."""
        self._depth = self._length = 0
        self._left = self._granted = self._total = SEARCH_STEPS
        self._whole = RUN_STEPS
        self._in_test = False
        self._aside = False
        """Searching for what an attribute holds: what is spent there is missing where the request is."""

    @property
    def left(self) -> int:
        """The steps that a search may spend here."""
        return self._left

    def restart(self, *, in_test: bool = False) -> None:
        """Grant a new root its own budget for the search of callers; what tests spend is nobody else's."""
        if not self._in_test:
            self._whole -= self._granted - self._total
        self._in_test = in_test
        most = TEST_SEARCH_STEPS if in_test else SEARCH_STEPS
        self._left = self._granted = self._total = min(most, max(SEARCH_STEPS // 32, self._whole))

    def of(self, state: State, function: Function, receiver: Value | None, parameters: frozenset[str]) -> list[Context]:
        """The ways in which a function is called; one of unknown arguments when no call is in reach.

        Of the arguments only those for `parameters` are evaluated.
        """
        if function.contents is None:
            return [self._unknown(function, receiver)]
        key = (id(function.contents), parameters)
        known, budget = self._known.get(key, ([], -1))
        if known and (budget is None or self._left <= MUCH_MORE * budget):
            return [self._with_receiver(context, receiver) for context in known]
        guard = ("contexts", *key)
        if guard in state.running or self._depth >= MAXIMUM_FORKS or self._length >= MAXIMUM_CHAIN or self._left <= 0:
            state.truncations += 1
            return [self._unknown(function, receiver)]
        state.running.add(guard)
        self._depth, self._length = self._depth + 1, self._length + 1
        before, truncations = self._left, state.truncations
        self._left = allowance = min(before, SEARCH_STEPS // 2 ** (self._depth - 1))
        try:
            found = self._search(state, function, demand_for(function, parameters))
        finally:
            self._left = before - (allowance - self._left)
            self._depth, self._length = self._depth - 1, self._length - 1
            state.running.discard(guard)
        known = distinct(found, MAXIMUM_CONTEXTS // (self._depth + 1)) or [self._unknown(function, receiver)]
        self._known[key] = known, before if state.truncations > truncations else None
        return [self._with_receiver(context, receiver) for context in known]

    def of_storing(
        self, state: State, function: Function, receiver: Value | None, parameters: frozenset[str]
    ) -> list[Context]:
        """How a method is called that stores an attribute: a search on the side, with a part of the budget."""
        with self._on_the_side():
            return self.of(state, function, receiver, parameters)

    @contextmanager
    def _on_the_side(self) -> Iterator[None]:
        """Inside, a part of the budget may be spent, and no more than that."""
        before, self._aside = self._aside, True
        try:
            with self._share(1, ATTRIBUTE_SHARE):
                yield
        finally:
            self._aside = before

    @contextmanager
    def _share(self, parts: int, whole: int) -> Iterator[None]:
        """Inside, only some parts of the budget that is left are there to be spent."""
        before = self._left
        self._left = share = min(before, max(LEAST_STEPS, parts * before // whole))
        try:
            yield
        finally:
            self._left = before - (share - self._left)

    def _with_receiver(self, context: Context, receiver: Value | None) -> Context:
        if receiver is None:
            return context
        return Context(context.arguments, receiver, context.loops, context.chain, context.doubted)

    def _unknown(self, function: Function, receiver: Value | None) -> Context:
        owner = function.owner
        if receiver is None and owner is not None:
            receiver = Instance(owner, generic=True)
        site = Site(function.segment, function.node)
        return Context(Arguments([], {}, site), receiver, ())

    # -- callers -----------------------------------------------------------------------------------------------------

    def _search(self, state: State, function: Function, demand: Demand) -> list[Context]:
        """The calls in all callers.

        First every caller is evaluated on its own; then those that really call are evaluated as their own callers run
        them, each with its share of the budget: what one does not spend, the later ones may.
        """
        calling: list[tuple[Caller, list[Context]]] = []
        callers = list(islice(self._callers.of(state, function), MAXIMUM_CALLERS // self._depth))
        glancing = len(callers) > MANY_CALLERS
        for position, caller in enumerate(callers):
            if self._total <= 0 or (self._aside and self._left <= 0) or len(calling) >= MAXIMUM_CONTEXTS:
                state.truncations += 1
                break
            with self._share(1, 2 * (len(callers) - position)), state.at_a_glance(glancing):
                contexts = self._calls_in(state, caller, function, demand)
            if contexts:
                calling.append((caller, contexts))
        calling.sort(key=lambda pair: all(context.doubted for context in pair[1]))
        found: list[Context] = []
        only = len(calling) == 1
        self._depth -= only  # a chain of functions that hand on what they are given branches nowhere
        try:
            for position, (caller, contexts) in enumerate(calling):
                with self._share(2, len(calling) - position):
                    found.extend(self._as_called(state, caller, function, demand, glancing) or contexts)
        finally:  # the budget may be spent
            self._depth += only
        return found

    def _as_called(
        self, state: State, caller: Caller, target: Function, demand: Demand, glanced: bool
    ) -> list[Context]:
        """The calls of `target` that a caller makes when its own callers run it; none when that tells nothing new."""
        function = caller.function(state)
        if function is None or self._left <= 0:
            return []
        with watching(state, target, caller.names, demand, mentioned=caller.by_mention):
            wanted = relevance.parameters_that_matter(function, state)
        above = self.of(state, function, caller.receiver(state, function, target), wanted)
        if len(above) == 1 and not above[0].chain:
            return self._calls_in(state, caller, target, demand) if glanced else []
        found: list[Context] = []
        for context in above[: max(2, 5 - self._depth)]:
            found += self._calls_in(state, caller, target, demand, context)
        return found

    def _limit(self, *, glancing: bool = False) -> int:
        """The steps for one caller: its share, but enough for a function of some size whatever was spent before."""
        if self._aside:
            return max(LEAST_STEPS // 4, min(self._left, CALLER_STEPS))
        enough = CALLER_STEPS // 3 if glancing else CALLER_STEPS
        return max(LEAST_STEPS, min(self._total, CALLER_STEPS, max(self._left, enough)))

    def _spend_on_reading(self, steps: int) -> bool:
        self._spend(steps)
        return self._left > 0

    def _spend(self, steps: int) -> None:
        self._left -= steps
        self._total -= steps

    def _calls_in(
        self, state: State, caller: Caller, target: Function, demand: Demand, above: Context | None = None
    ) -> list[Context]:
        """The calls of `target` that a caller makes, run in the context `above`, or in one without arguments.

        One that is too large to be followed up to them is looked at again, with few steps for each call on the way.
        """
        limit = self._limit(glancing=state.glancing)
        found, followed = self._look(state, caller, target, demand, above, limit=limit)
        if not followed and not found:
            few = limit // CALL_SHARE
            found, _ = self._look(state, caller, target, demand, above, limit=limit, call_steps=few)
        return found

    def _look(
        self,
        state: State,
        caller: Caller,
        target: Function,
        demand: Demand,
        above: Context | None,
        *,
        limit: int,
        call_steps: int | None = None,
    ) -> tuple[list[Context], bool]:
        """The calls of `target` that a caller makes, and whether it was followed to its end."""
        followed = True
        with (
            detached(state, limit),
            watching(state, target, caller.names, demand, mentioned=caller.by_mention),
        ):
            start = state.steps
            state.call_steps = call_steps
            try:
                if caller.contents.name == "<module>":
                    with state.elsewhere():
                        statements.run_script(state, caller.module)
                else:
                    self._run_caller(state, caller, target, above)
            except BudgetSpent:
                state.truncations += 1
                followed = False
            self._spend(state.steps - start)
            return state.watched.get(id(target.contents), []), followed

    def _run_caller(self, state: State, caller: Caller, target: Function, above: Context | None) -> None:
        function = caller.function(state)
        if function is None:
            return
        context = above or self._unknown(function, caller.receiver(state, function, target))
        with state.elsewhere(context.loops):
            state.chain = context.chain
            calls.run(state, function, context.receiver, context.arguments, seeds=frozenset())
            run_unvisited(state, function)

    # -- assignments from outside ------------------------------------------------------------------------------------

    def stores(self, state: State, cls: Class, name: str) -> list[Value]:
        """What functions outside a class assign to an attribute of its objects."""
        if (
            state.testing
            or state.glancing
            or self._depth >= MAXIMUM_FORKS + 2
            or self._left <= 0
            or state.watched_stores is not None
        ):
            state.truncations += 1
            return []
        with self._on_the_side():
            return self._stores(state, cls, name)

    def _stores(self, state: State, cls: Class, name: str) -> list[Value]:
        found: list[Value] = []
        evaluated = 0
        for filename in self._project.files_assigning(name)[:MAXIMUM_MODULES]:
            module = self._project.module(filename) if not is_test(filename) else None
            for contents in module.contents.everything if module is not None else ():
                if name not in contents.foreign_attributes or contents.name == "<module>" or module is None:
                    continue
                evaluated += 1
                if evaluated > MAXIMUM_ASSIGNERS or self._left <= 0:
                    return found[:4]
                self._stores_in(state, module, contents, cls, name, found)
        return found[:4]

    def _stores_in(
        self, state: State, module: Module, contents: FunctionContents, cls: Class, name: str, found: list[Value]
    ) -> None:
        function = definitions.function(state, module, contents)
        if not isinstance(function, Function):
            return
        receiver = Instance(function.owner, generic=True) if function.owner is not None else None
        self._depth += 1
        try:
            with detached(state, self._limit(glancing=True)):
                start = state.steps
                state.watched_names = frozenset((name,))
                state.watched_stores = (cls.contents, name, found)
                site = Site(function.segment, function.node)
                with suppress(BudgetSpent):
                    calls.run(state, function, receiver, Arguments([], {}, site), seeds=frozenset())
                self._spend(state.steps - start)
        finally:
            self._depth -= 1


def run_unvisited(state: State, function: Function) -> None:
    """Functions nested in one that was run, which nothing in reach has called, are called by somebody."""
    from cachelint.analysis.interpreter.relevance import facts_of, is_watched

    for nested in state.defined_inside.pop(id(function.node), []):
        if id(nested.node) in state.visited_calls or not isinstance(nested.node, cst.FunctionDef):
            continue
        if is_watched(facts_of(nested.node.body), state):
            state.visited_calls.add(id(nested.node))
            calls.call_function(state, nested, None, [], {}, Site(nested.segment, nested.node))
