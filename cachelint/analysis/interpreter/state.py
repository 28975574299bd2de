"""What one run of the interpreter remembers: budgets, running loops and branches, recorded calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Birth, Value
from cachelint.analysis.variation import Period, Step, Variation, Variations

if TYPE_CHECKING:
    import libcst as cst

    from cachelint.analysis.contents import ClassContents, FunctionContents
    from cachelint.analysis.interpreter.demand import Demand
    from cachelint.analysis.project import Project
    from cachelint.analysis.scope import Scope
    from cachelint.analysis.sinks import SinkCall, Sinks
    from cachelint.analysis.sources import Sources
    from cachelint.analysis.values import Class, Condition, Function

MAXIMUM_DEPTH = 24
"""Calls inside calls; deeper ones return an unknown value."""

MAXIMUM_STEPS = 250_000
"""Expressions and statements evaluated for one root; behind that everything is unknown."""


MUCH_MORE = 4
"""A search that was truncated is made again when there is so many times the budget that it had."""


class BudgetSpent(Exception):
    """The evaluation of one root has become too long."""


@dataclass(slots=True)
class Arguments:
    """The evaluated arguments of a call."""

    positional: list[Value]
    named: dict[str, Value]
    site: Site
    spread: list[Value] = field(default_factory=list)
    """Values behind `*` or `**` of which neither length nor keys are known."""
    maybe: frozenset[str] = frozenset()
    """Names that are passed on some paths only."""

    def get(self, position: int | None, name: str | None = None) -> Value | None:
        """The argument at a position or under a name; None when it is not given."""
        if name is not None and name in self.named:
            return self.named[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    @property
    def all(self) -> list[Value]:
        """Every argument value."""
        return [*self.positional, *self.named.values(), *self.spread]


@dataclass(slots=True)
class Context:
    """How a function is called: the arguments at one call, and the calls above it."""

    arguments: Arguments
    receiver: Value | None
    loops: tuple[int, ...]
    chain: tuple[Step, ...] = ()
    doubted: bool = False


@dataclass(eq=False)
class State:
    """The interpreter's memory."""

    project: Project
    sources: Sources
    sinks: Sinks
    globals: dict[tuple[str, str], Value] = field(default_factory=dict)
    attributes: dict[tuple[int, str], Value] = field(default_factory=dict)
    running: set[Any] = field(default_factory=set)
    scripts: dict[str, Scope] = field(default_factory=dict)
    """Scopes of modules that are being run as scripts, by filename."""
    assigned_globals: dict[tuple[str, str], Value] = field(default_factory=dict)
    recorded: list[SinkCall] = field(default_factory=list)
    watched: dict[int, list[Context]] = field(default_factory=dict)
    """Calls seen of the functions whose contexts are being collected, by id of their contents."""
    watched_names: frozenset[str] = frozenset()
    """Names whose mention makes a statement matter."""
    watched_calls: frozenset[str] = frozenset()
    """Names, and `.name` for attributes, whose call makes a statement matter."""
    watched_functions: dict[int, FunctionContents] = field(default_factory=dict)
    demand: Demand | None = None
    """Which arguments of the watched calls matter; None when all do."""
    watched_stores: tuple[ClassContents, str, list[Value]] | None = None
    """A class and an attribute of which assignments from outside are looked for, and the values found."""
    chain: tuple[Step, ...] = ()
    branch: Birth = ()
    ways: dict[int, tuple[int, Condition | None]] = field(default_factory=dict)
    """For each branch of a fork: the fork, and the test that decides it."""
    loop_nodes: dict[int, cst.CSTNode] = field(default_factory=dict)
    unrolled: set[int] = field(default_factory=set)
    """Loops of which each pass is evaluated on its own, by id of their nodes."""
    loops: tuple[int, ...] = ()
    loop_orders: dict[int, Variations] = field(default_factory=dict)
    """What makes the order vary in which a loop goes through something."""
    grown_loops: dict[int, str] = field(default_factory=dict)
    """Where that lives to which the program adds while it runs, by the loop that goes through it."""
    depth: int = 0
    steps: int = 0
    call_steps: int | None = None
    """The steps that a call may take which does not lead to what is looked for; None when that is not limited."""
    effects: int = 0
    """Counts what evaluation has done besides returning a value: prompts sent, globals assigned, calls watched."""
    concurrent: tuple[int, ...] = ()
    """The loops that were running when the task that is evaluated was started: its siblings may finish before it."""
    run: int = 0
    """Counts the functions that are run on their own, each for one of the ways in which it is called."""
    truncations: int = 0
    """Counts searches that were not made for want of budget: what depends on one is not remembered."""
    testing: bool = False
    """Inside a condition, whose truth is all that counts: project functions are not followed."""
    glancing: bool = False
    """What attributes hold is not searched beyond their class."""
    functions: dict[int, Function] = field(default_factory=dict)
    classes: dict[int, Class] = field(default_factory=dict)
    modules: dict[int, Scope] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)
    results: dict[Any, Value] = field(default_factory=dict)
    """What calls have returned, by what decides it (`interpreter.memory`)."""
    found_so_far: dict[Any, tuple[Value | None, int]] = field(default_factory=dict)
    """What was found with a truncated search, and the budget that it had: good enough for the root that is analysed."""
    contexts: Any = None
    """Finds the calls of a function (`analysis.contexts`); set by the engine."""
    visited_calls: set[int] = field(default_factory=set)
    """Nested functions that something in reach has called, by id of their nodes."""
    defined_inside: dict[int, list[Function]] = field(default_factory=dict)
    """Functions defined while another ran, by id of its node."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def spend(self) -> None:
        """Count one step.

        Raises:
            BudgetSpent: when there are none left.
        """
        self.steps += 1
        if self.steps > MAXIMUM_STEPS:
            raise BudgetSpent

    def at_most(self, steps: int, evaluate: Callable[[], object]) -> None:
        """Evaluate something, and give it up, as a truncated search, when it takes more than some steps.

        Raises:
            BudgetSpent: when fewer are left and they do not suffice.
        """
        before = self.steps
        if MAXIMUM_STEPS - before <= steps:
            evaluate()
            return
        self.steps = MAXIMUM_STEPS - steps
        try:
            evaluate()
        except BudgetSpent:
            self.truncations += 1
        self.steps = before + self.steps - (MAXIMUM_STEPS - steps)

    def number(self) -> int:
        """A number that nothing else has."""
        return next(self._numbers)

    @contextmanager
    def branching(self, fork: int = 0, condition: Condition | None = None) -> Iterator[None]:
        """Inside, changes of what was made outside may or may not happen; of a fork's branches only one is taken."""
        before = self.branch
        number = self.number()
        self.ways[number] = fork or number, condition
        self.branch = (*before, number)
        try:
            yield
        finally:
            self.branch = before

    @contextmanager
    def looping(self, node: cst.CSTNode, *, retries: bool = False) -> Iterator[None]:
        """Inside, a loop runs; one that only retries until something succeeds does not count."""
        before = self.loops
        self.loops = before if retries else (*before, id(node))
        self.loop_nodes[id(node)] = node
        try:
            yield
        finally:
            self.loops = before

    @contextmanager
    def elsewhere(self, loops: tuple[int, ...] = ()) -> Iterator[None]:
        """Inside, something is evaluated that runs at another time than what is being evaluated now."""
        before = self.loops, self.branch, self.chain, self.concurrent
        self.loops, self.branch, self.chain, self.concurrent = loops, (), (), ()
        try:
            yield
        finally:
            self.loops, self.branch, self.chain, self.concurrent = before

    @contextmanager
    def concurrently(self) -> Iterator[None]:
        """Inside, a task runs beside others."""
        before = self.concurrent
        self.concurrent = self.loops
        self.effects += 1
        try:
            yield
        finally:
            self.concurrent = before

    @contextmanager
    def at_a_glance(self, glancing: bool = True) -> Iterator[None]:
        """Inside, what attributes hold is not searched beyond their class."""
        before = self.glancing
        self.glancing = self.glancing or glancing
        try:
            yield
        finally:
            self.glancing = before

    @contextmanager
    def condition(self, node: cst.BaseExpression) -> Iterator[None]:
        """Inside, the test of a branch is evaluated."""
        before = self.testing
        self.testing = True
        try:
            yield
        finally:
            self.testing = before

    @contextmanager
    def outside_conditions(self) -> Iterator[None]:
        """Inside, something is evaluated that counts for more than the truth of the test around it."""
        before = self.testing
        self.testing = False
        try:
            yield
        finally:
            self.testing = before

    def conditions_since(self, birth: Birth) -> tuple[Condition, ...]:
        """The tests that decide whether something made at `birth` is changed by what happens now."""
        shared = next((at for at, (a, b) in enumerate(zip(birth, self.branch, strict=False)) if a != b), len(birth))
        found = (self.ways[number][1] for number in self.branch[shared:])
        return tuple(condition for condition in found if condition is not None)

    def path(self) -> tuple[tuple[int, int], ...]:
        """Where it stands: each fork passed, and the branch taken there."""
        return tuple((self.ways[number][0], number) for number in self.branch)

    def certain(self, birth: Birth) -> bool:
        """Whether something made at `birth` is surely changed by what happens now."""
        return birth[: len(self.branch)] == self.branch

    def variation(
        self, code: str, label: str, site: Site, period: Period, *, order: bool = False, **more: Any
    ) -> Variations:
        """A variation that enters here and now."""
        return (Variation(code, label, site, period, order, loops=self.loops, **more),)


def through(variations: Variations, site: Site, message: str) -> Variations:
    """All variations, one step further."""
    return tuple(variation.through(site, message) for variation in variations) if variations else ()
