"""How a function is called: its callers in the whole project, and the arguments that they pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import libcst as cst

from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.interpreter import calls, classes, definitions, memory, statements
from cachelint.analysis.interpreter.state import MAXIMUM_STEPS, Arguments, BudgetSpent, Context, State
from cachelint.analysis.project import Module, Project
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Class, Function, Instance, Symbol, Value, variations_in

MAXIMUM_CONTEXTS = 24
"""Calls of one function that are told apart; more add the same again."""

MAXIMUM_CALLERS = 60
"""Functions that are evaluated in search of calls of one function."""

MAXIMUM_MODULES = 60
"""Files that are read in search of calls of one function, the nearest first."""

MAXIMUM_ASSIGNERS = 6
"""Functions that are evaluated in search of assignments to one attribute from outside its class."""

MAXIMUM_CHAIN = 6
"""Calls above a function that are followed."""

SEARCH_STEPS = 320_000
"""Evaluation steps spent on callers for one function that sends a prompt, half of it on those of each caller, and so
on.

Behind that callers are unknown. What is near the call matters most: what is far must not use up what it needs.
"""

RUN_STEPS = 640_000
"""Evaluation steps spent on callers in one run before the budget of each function shrinks."""

MODULE_STEPS = 200
"""What reading a module counts, in evaluation steps."""

CALLER_STEPS = 20_000
"""Evaluation steps spent on one caller at most."""

LEAST_STEPS = 1_000
"""Evaluation steps that each caller gets, however little is left."""

_TEST = re.compile(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
_COMMON = frozenset(
    ("get", "run", "create", "send", "call", "invoke", "execute", "process", "handle", "start", "stop", "update", "add",
     "build", "close", "open", "read", "write", "load", "save", "main", "setup", "stream", "parse", "append", "items",
     "keys", "values", "format", "join", "render", "set", "put", "post", "delete", "list", "next", "copy", "apply",
     "__call__", "submit", "connect")
)  # fmt: skip


def is_test(filename: str) -> bool:
    """Whether a file holds tests, by the usual names."""
    return bool(_TEST.search(filename))


class Contexts:
    """Finds the contexts of functions, each once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[int, list[Context]] = {}
        self._depth = 0
        self._defined: dict[str, int] = {}
        self._left = self._granted = SEARCH_STEPS
        self._whole = RUN_STEPS

    def restart(self) -> None:
        """Grant a new root its own budget for the search of callers."""
        self._whole -= self._granted - self._left
        self._left = self._granted = min(SEARCH_STEPS, max(SEARCH_STEPS // 32, self._whole))

    def of(self, state: State, function: Function, receiver: Value | None = None) -> list[Context]:
        """The ways in which a function is called; one of unknown arguments when no call is in reach."""
        if function.contents is None:
            return [self._unknown(function, receiver)]
        key = id(function.contents)
        if key in self._known:
            return [self._with_receiver(context, receiver) for context in self._known[key]]
        guard = ("contexts", key)
        if guard in state.running or self._depth >= MAXIMUM_CHAIN or self._left <= 0:
            return [self._unknown(function, receiver)]
        state.running.add(guard)
        self._depth += 1
        before = self._left
        self._left = allowance = min(before, SEARCH_STEPS // 2 ** (self._depth - 1))
        try:
            found = self._search(state, function)
        finally:
            self._left = before - (allowance - self._left)
            self._depth -= 1
            state.running.discard(guard)
        known = _chosen(found, MAXIMUM_CONTEXTS // (self._depth + 1)) or [self._unknown(function, receiver)]
        self._known[key] = known
        return [self._with_receiver(context, receiver) for context in known]

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

    def _search(self, state: State, function: Function) -> list[Context]:
        """The calls in all callers; what one of them does not spend of its share, the later ones may."""
        callers = list(islice(self._callers(state, function), MAXIMUM_CALLERS // self._depth))
        found: list[Context] = []
        for position, (module, caller, names) in enumerate(callers):
            if self._left <= 0 or len(found) >= MAXIMUM_CONTEXTS * 2:
                break
            before = self._left
            self._left = share = min(before, max(LEAST_STEPS, 2 * before // (len(callers) - position)))
            found.extend(self._calls_in(state, module, caller, function, names))
            self._left = before - (share - self._left)
        return found

    def _callers(self, state: State, function: Function) -> Iterator[tuple[Module, FunctionContents, frozenset[str]]]:
        """The functions that may call one, each with the names under which its module knows that."""
        for name in self._names(state, function):
            for module in self._modules_mentioning(name, function):
                if self._left <= 0:
                    return
                aliases = {name, *_aliases(module, name)}
                for caller in module.contents.everything:
                    if caller is not function.contents and _may_call(module, caller, function, aliases):
                        yield module, caller, frozenset(aliases)

    def _names(self, state: State, function: Function) -> list[str]:
        assert function.contents is not None
        if function.contents.name in ("__init__", "__post_init__") and function.owner is not None:
            return [function.owner.contents.name, *self._subclasses(state, function.owner)]
        if function.contents.name == "__call__" and function.owner is not None:
            return [function.owner.contents.name]
        return [function.contents.name]

    def _subclasses(self, state: State, owner: Class) -> list[str]:
        found = []
        for filename in self._project.files_deriving(owner.contents.name):
            module = self._project.module(filename)
            for name, contents in module.contents.classes.items() if module else ():
                if contents is not owner.contents and any(owner.contents.name in base for base in contents.bases):
                    found.append(name)
        return found[:6]

    def _modules_mentioning(self, name: str, function: Function) -> Iterator[Module]:
        own = function.module
        yield own
        in_test = is_test(own.filename)
        nearest = sorted(self._project.files_calling(name), key=lambda filename: _distance(own.filename, filename))
        for filename in nearest[:MAXIMUM_MODULES]:
            if filename == own.filename or (is_test(filename) and not in_test):
                continue
            self._left -= 0 if self._project.is_read(filename) else MODULE_STEPS
            module = self._project.module(filename)
            if module is not None:
                yield module

    def _calls_in(
        self, state: State, module: Module, caller: FunctionContents, target: Function, names: frozenset[str]
    ) -> list[Context]:
        """The calls of `target` that `caller` makes."""
        with _detached(state, target, names, self._left):
            start = state.steps
            try:
                if caller.name == "<module>":
                    with state.elsewhere():
                        statements.run_script(state, module)
                else:
                    self._run_caller(state, module, caller, target)
            except BudgetSpent:
                pass
            self._left -= max(0, state.steps - start)
            return state.watched.get(id(target.contents), [])

    def _run_caller(self, state: State, module: Module, caller: FunctionContents, target: Function) -> None:
        function = definitions.function(state, module, caller)
        if not isinstance(function, Function):
            return
        receiver: Value | None = None
        if function.owner is not None:
            inherits = target.owner is not None and classes.derives_from(state, target.owner, function.owner.contents)
            receiver = Instance(target.owner if inherits and target.owner is not None else function.owner, generic=True)
        for context in self.of(state, function, receiver)[: max(1, 5 - self._depth)]:
            with state.elsewhere(context.loops):
                state.chain = context.chain
                calls.run(state, function, context.receiver, context.arguments, seeds=frozenset())
                run_unvisited(state, function)

    # -- assignments from outside ------------------------------------------------------------------------------------

    def stores(self, state: State, cls: Class, name: str) -> list[Value]:
        """What functions outside a class assign to an attribute of its objects."""
        if self._depth >= MAXIMUM_CHAIN + 2 or self._left <= 0 or state.watched_stores is not None:
            state.truncations += 1
            return []
        found: list[Value] = []
        evaluated = 0
        for filename in self._project.files_assigning(name)[:MAXIMUM_MODULES]:
            module = self._project.module(filename) if not is_test(filename) else None
            for contents in module.contents.everything if module is not None else ():
                if name not in contents.foreign_attributes or contents.name == "<module>" or module is None:
                    continue
                evaluated += 1
                if evaluated > MAXIMUM_ASSIGNERS:
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
            with _detached(state, function, frozenset((name,)), self._left):
                start = state.steps
                state.watched_functions = {}
                state.watched_stores = (cls.contents, name, found)
                site = Site(function.segment, function.node)
                with suppress(BudgetSpent):
                    calls.run(state, function, receiver, Arguments([], {}, site), seeds=frozenset())
                self._left -= max(0, state.steps - start)
        finally:
            self._depth -= 1

    # -- calls whose receiver is not known ---------------------------------------------------------------------------

    def guess(self, state: State, callee: Symbol, arguments: Arguments) -> None:
        """A method of an unknown object may be the watched one, when its name belongs to few classes of the project."""
        if not state.watched_functions or not (callee.path.startswith("?") or callee.parameter or "." in callee.path):
            return
        name = callee.path.rpartition(".")[2]
        for contents in state.watched_functions.values():
            if contents.name != name or contents.parent is None or name in _COMMON or not callee.path.startswith("?"):
                continue
            if self._definitions(name) <= 3:
                function = state.functions.get(id(contents))
                if function is not None:
                    receiver = Instance(function.owner, generic=True) if function.owner is not None else None
                    calls.watch(state, function, receiver, arguments, doubted=True)

    def dispatch(self, state: State, function: Function, receiver: Value, arguments: Arguments) -> None:
        """A call that resolves to a method of a base class may run the watched method of a subclass."""
        if (
            not state.watched_functions
            or function.contents is None
            or not isinstance(receiver, Instance)
            or not receiver.generic
        ):
            return
        for contents in state.watched_functions.values():
            watched = state.functions.get(id(contents))
            if (
                watched is None
                or contents.name != function.contents.name
                or watched.owner is None
                or function.owner is None
            ):
                continue
            if classes.derives_from(state, watched.owner, function.owner.contents):
                calls.watch(state, watched, Instance(watched.owner, generic=True), arguments)

    def _definitions(self, name: str) -> int:
        if name not in self._defined:
            pattern = re.compile(rb"def\s+" + re.escape(name.encode()) + rb"\s*\(")
            self._defined[name] = sum(
                len(pattern.findall(self._project.content(filename)))
                for filename in self._project.files_defining(name)
                if not is_test(filename)
            )
        return self._defined[name]


def _may_call(module: Module, caller: FunctionContents, target: Function, names: set[str]) -> bool:
    """Whether a function that mentions one of `names` can mean `target`, by what its module imports."""
    if not names & caller.references:
        return False
    if module is target.module or target.owner is not None or module.contents.stars:
        return True
    imported = any(name in module.contents.imports for name in names)
    return imported or any(reference.endswith(f".{name}") for name in names for reference in caller.references)


def _distance(one: str, other: str) -> tuple[int, str]:
    """How far two files are from each other, in folders."""
    first, second = one.split("/"), other.split("/")
    shared = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    return len(first) + len(second) - 2 * shared, other


def _aliases(module: Module, name: str) -> set[str]:
    return {
        bound
        for bound, targets in module.contents.imports.items()
        if bound != name and any(target.name == name for target in targets)
    }


def _chosen(found: list[Context], limit: int) -> list[Context]:
    """The contexts worth keeping: those that differ, sure ones first, varying ones before plain ones."""
    unique: dict[object, Context] = {}
    for context in found:
        arguments = context.arguments
        try:
            key: object = (
                tuple(memory.outline(value) for value in arguments.positional),
                tuple((name, memory.outline(value)) for name, value in sorted(arguments.named.items())),
                tuple(memory.outline(value) for value in arguments.spread),
                memory.outline(context.receiver) if context.receiver is not None else None,
                context.loops,
            )
        except (TypeError, RecursionError):
            key = (arguments.site, tuple(step.site for step in context.chain))
        unique.setdefault(key, context)
    ranked = sorted(unique.values(), key=_rank)
    return ranked[:limit]


def _rank(context: Context) -> tuple[bool, bool, int]:
    varying = any(variations_in(value) for value in context.arguments.all)
    return context.doubted, not varying, len(context.chain)


def run_unvisited(state: State, function: Function) -> None:
    """Functions nested in one that was run, which nothing in reach has called, are called by somebody."""
    from cachelint.analysis.interpreter.relevance import facts_of

    for nested in state.defined_inside.pop(id(function.node), []):
        if id(nested.node) in state.visited_calls or not isinstance(nested.node, cst.FunctionDef):
            continue
        if facts_of(nested.node.body).called & state.watched_names:
            state.visited_calls.add(id(nested.node))
            calls.call_function(state, nested, None, [], {}, Site(nested.segment, nested.node))


@contextmanager
def _detached(state: State, target: Function, names: frozenset[str], left: int) -> Iterator[None]:
    """Inside, calls of `target` are watched and nothing else is recorded, for at most `left` steps."""
    before = (
        state.watched,
        state.watched_names,
        state.watched_functions,
        state.recorded,
        state.branch,
        state.loops,
        state.chain,
        state.steps,
        state.depth,
        state.visited_calls,
        state.scripts,
        state.watched_stores,
    )
    state.watched_stores = None
    state.watched = {}
    state.watched_names = names
    state.watched_functions = {id(target.contents): target.contents} if target.contents is not None else {}
    state.recorded = []
    state.visited_calls = set()
    state.scripts = {}
    state.branch, state.loops, state.chain, state.depth = (), (), (), 0
    state.steps = MAXIMUM_STEPS - min(CALLER_STEPS, max(LEAST_STEPS, left))
    try:
        yield
    finally:
        (
            state.watched,
            state.watched_names,
            state.watched_functions,
            state.recorded,
            state.branch,
            state.loops,
            state.chain,
            state.steps,
            state.depth,
            state.visited_calls,
            state.scripts,
            state.watched_stores,
        ) = before
