"""The functions that may call another, found by the names under which the project knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cachelint.analysis.call_forms import CONSTRUCTORS, aliases, by_mention, called_as, holders_of, other_names
from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import classes, definitions, subclasses
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.project import Module, Project
from cachelint.analysis.values import Function, Instance, Value

MAXIMUM_MODULES = 60
"""Files that are read in search of calls of one function, the nearest first."""

MAXIMUM_NAMES = 8
"""Names under which one function is looked for."""

MODULE_STEPS = 200
"""What reading a module counts, in evaluation steps."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A function that may call another, with the names under which its module knows that."""

    module: Module
    contents: FunctionContents
    names: frozenset[str]
    by_mention: bool = False
    """Mentions what holds the function, and may take it from there to call it."""

    def calls(self, target: Function, name: str) -> bool:
        """Whether it calls itself what it knows the target as, instead of handing it on."""
        return bool((called_as(target, self.names) | {f"self.{name}"}) & self.contents.called)

    def function(self, state: State) -> Function | None:
        """The function as a value; None for the top level of a module, and when it cannot be parsed."""
        if self.contents.name == "<module>":
            return None
        value = definitions.function(state, self.module, self.contents)
        return value if isinstance(value, Function) else None

    def receiver(self, state: State, function: Function, target: Function) -> Value | None:
        """Its own object, of the class of the target where that inherits the caller."""
        if function.owner is None:
            return None
        inherits = target.owner is not None and classes.derives_from(state, target.owner, function.owner.contents)
        return Instance(target.owner if inherits and target.owner is not None else function.owner, generic=True)


class Callers:
    """Finds the functions that may call one."""

    def __init__(self, project: Project, spend: Callable[[int], bool]) -> None:
        """`spend` counts steps, and says whether any are left."""
        self._project = project
        self._spend = spend

    def of(self, state: State, function: Function) -> Iterator[Caller]:
        """The functions that may call one: first those that name it in a call, then those that hand it on."""
        names = self._names(state, function)
        holders: dict[str, None] = {}
        handing_on: list[Caller] = []
        seen: set[int] = set()
        for name in names:
            for module in self._modules_mentioning(name, function):
                if not self._spend(0):
                    state.truncations += 1
                    break
                names += [other for other in other_names(module, name) if other not in names][
                    : MAXIMUM_NAMES - len(names)
                ]
                holders |= dict.fromkeys(holders_of(module, name))
                for caller in self._callers_in(state, module, name, function):
                    if id(caller.contents) in seen:
                        continue
                    seen.add(id(caller.contents))
                    if caller.calls(function, name):
                        yield caller
                    else:
                        handing_on.append(caller)
        yield from handing_on
        for holder in holders:
            for caller in self._taking_from(holder, function):
                if id(caller.contents) not in seen:
                    seen.add(id(caller.contents))
                    yield caller

    def _callers_in(self, state: State, module: Module, name: str, function: Function) -> Iterator[Caller]:
        known_as = {name, *aliases(module, name)}
        for contents in module.contents.everything:
            if contents is not function.contents and (
                self._may_call(module, contents, function, known_as)
                or self._calls_own(state, module, contents, function)
            ):
                yield Caller(module, contents, frozenset(known_as))

    def _taking_from(self, holder: str, function: Function) -> Iterator[Caller]:
        """The functions that mention a list or dict which holds the function."""
        for module in self._modules(self._project.files_mentioning(holder), function):
            for contents in module.contents.everything:
                if holder in contents.references and contents.name != "<module>" and contents is not function.contents:
                    yield Caller(module, contents, frozenset((holder,)), by_mention=True)

    def _may_call(self, module: Module, caller: FunctionContents, target: Function, names: set[str]) -> bool:
        """Whether a function can mean `target` by what it calls or hands on, by what its module imports."""
        if by_mention(target):
            return bool(names & caller.references)
        called = called_as(target, names) & caller.calls
        if not called:
            return False
        if all(name.startswith(".") for name in called) and self._only_of_libraries(module, caller, called):
            return False
        if module is target.module or target.owner is not None or module.contents.stars:
            return True
        return any(name in module.contents.all_imports for name in names) or any(
            name.startswith(".") for name in called
        )

    def _only_of_libraries(self, module: Module, caller: FunctionContents, called: frozenset[str]) -> bool:
        """Whether a function calls attributes of those names of imported libraries only: `asyncio.run(…)`."""
        receivers = {
            reference.partition(".")[0] for reference in caller.references if reference.endswith(tuple(called))
        } - {""}
        return bool(receivers) and all(
            name in module.contents.all_imports
            and all(
                self._project.resolve(module, target.module, target.level) is None
                and self._project.is_package(module, target.module, target.level) is None
                for target in module.contents.all_imports[name]
            )
            for name in receivers
        )

    def _calls_own(self, state: State, module: Module, caller: FunctionContents, target: Function) -> bool:
        """Whether a method calls `target` as one of its own object: `self.send(…)`.

        Its class inherits the target, or the target's class inherits from it, or it is a mixin that has no such method
        and relies on the class that it is mixed into.
        """
        assert target.contents is not None
        name = target.contents.name
        if f"self.{name}" not in caller.calls or caller.parent is None or target.owner is None:
            return False
        cls = definitions.owning_class(state, module, caller.parent)
        found = classes.method_of(state, cls, name)
        return (
            found is None
            or found.contents is target.contents
            or (found.owner is not None and classes.derives_from(state, target.owner, cls.contents))
        )

    def _names(self, state: State, function: Function) -> list[str]:
        assert function.contents is not None
        if function.contents.name in CONSTRUCTORS and function.owner is not None:
            below = subclasses.direct(state, function.owner)[:6]
            return [function.owner.contents.name, *(each.contents.name for each in below)]
        if function.contents.name == "__call__" and function.owner is not None:
            return [function.owner.contents.name]
        return [function.contents.name]

    def _modules_mentioning(self, name: str, function: Function) -> Iterator[Module]:
        files = self._project.files_mentioning(name) if by_mention(function) else self._project.files_calling(name)
        return self._modules(files, function)

    def _modules(self, files: Iterable[str], function: Function) -> Iterator[Module]:
        """The module of a function, and those of some files, the nearest first; tests only for what a test defines."""
        own = function.module
        yield own
        in_test = is_test(own.filename)
        nearest = sorted(files, key=lambda filename: _distance(own.filename, filename))
        for filename in nearest[:MAXIMUM_MODULES]:
            if filename == own.filename or (is_test(filename) and not in_test):
                continue
            self._spend(0 if self._project.is_read(filename) else MODULE_STEPS)
            module = self._project.module(filename)
            if module is not None:
                yield module


def _distance(one: str, other: str) -> tuple[int, str]:
    """How far two files are from each other, in folders."""
    first, second = one.split("/"), other.split("/")
    shared = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    return len(first) + len(second) - 2 * shared, other
