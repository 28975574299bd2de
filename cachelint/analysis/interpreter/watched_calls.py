"""Calls of functions that are looked for, also through objects of which little is known."""

from __future__ import annotations

from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import calls, classes, definitions
from cachelint.analysis.interpreter.state import Arguments, Context, State
from cachelint.analysis.project import Module
from cachelint.analysis.values import Function, Instance, Symbol, Value, rebuilt
from cachelint.analysis.variation import Step

MAXIMUM_FAMILIES = 3
"""Unrelated classes with a method of one name, behind which an unknown object may be of any."""

MAXIMUM_FILES = 60
"""Files that define a function of one name; where there are more, the name tells nothing."""

_COMMON = frozenset(
    ("get", "run", "create", "send", "call", "invoke", "execute", "process", "handle", "start", "stop", "update", "add",
     "build", "close", "open", "read", "write", "load", "save", "main", "setup", "stream", "parse", "append", "items",
     "keys", "values", "format", "join", "render", "set", "put", "post", "delete", "list", "next", "copy", "apply",
     "__call__", "submit", "connect")
)  # fmt: skip


def watch(
    state: State, function: Function, receiver: Value | None, arguments: Arguments, *, doubted: bool = False
) -> None:
    """Remember how a function of interest is called."""
    memo: dict[int, Value] = {}
    state.effects += 1
    kept = Arguments(
        [rebuilt(value, None, memo) for value in arguments.positional],
        {name: rebuilt(value, None, memo) for name, value in arguments.named.items()},
        arguments.site,
        [rebuilt(value, None, memo) for value in arguments.spread],
        arguments.maybe,
    )
    context = Context(
        kept,
        classes.snapshot(receiver),
        state.loops,
        (*state.chain, Step(arguments.site, f"calls {calls.name_of(function)}()")),
        doubted,
    )
    state.watched.setdefault(id(function.contents), []).append(context)


def of_unknown(state: State, callee: Symbol, arguments: Arguments) -> None:
    """A method of an unknown object may be the watched one, when its name belongs to few classes of the project."""
    name = callee.path.rpartition(".")[2]
    if not callee.path.startswith("?") or name in _COMMON:
        return
    for contents in state.watched_functions.values():
        if contents.name != name or contents.parent is None or _families(state, name) > MAXIMUM_FAMILIES:
            continue
        function = state.functions.get(id(contents))
        if function is not None:
            receiver = Instance(function.owner, generic=True) if function.owner is not None else None
            watch(state, function, receiver, arguments, doubted=True)


def of_base(state: State, function: Function, receiver: Value, arguments: Arguments) -> bool:
    """Whether a call that resolves to a method of a base class may run the watched method of a subclass."""
    if (
        function.contents is None
        or function.owner is None
        or not isinstance(receiver, Instance)
        or not receiver.generic
    ):
        return False
    found = False
    for contents in state.watched_functions.values():
        watched = state.functions.get(id(contents))
        if watched is None or contents.name != function.contents.name or watched.owner is None:
            continue
        if classes.derives_from(state, watched.owner, function.owner.contents):
            watch(state, watched, Instance(watched.owner, generic=True), arguments)
            found = True
    return found


def _families(state: State, name: str) -> int:
    """How many unrelated things define a function of that name: classes with a common base count once."""
    key = ("families", name)
    known: int | None = state.memo.get(key)
    if known is None:
        files = [filename for filename in state.project.files_defining(name) if not is_test(filename)]
        roots: set[int] = set()
        for filename in files[:MAXIMUM_FILES]:
            module = state.project.module(filename)
            for contents in module.contents.everything if module is not None else ():
                if contents.name == name and module is not None:
                    roots.add(id(_root(state, module, contents)))
        known = state.memo[key] = len(roots) if len(files) <= MAXIMUM_FILES else len(files)
    return known


def _root(state: State, module: Module, contents: FunctionContents) -> object:
    """The outermost project base of the class that defines a method; the function itself when it is in none."""
    if contents.parent is None:
        return contents
    return classes.ancestry(state, definitions.owning_class(state, module, contents.parent))[-1].contents
