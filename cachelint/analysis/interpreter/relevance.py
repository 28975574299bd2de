"""Which statements of a function matter to what is asked of it.

Evaluation is on demand: in a function only those statements are evaluated from which something flows into its result,
into what it sends, or into objects that its caller handed it. The slice is made of names, without regard to order:
cheap, and never too small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import libcst as cst

from cachelint.analysis.interpreter import effects
from cachelint.analysis.interpreter.definitions import STATIC
from cachelint.analysis.interpreter.demand import HANDING_ON, Demand, encoded, handed_on, names_demanded
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.name_usage import MUTATORS
from cachelint.analysis.surroundings import last_name
from cachelint.analysis.syntax import children
from cachelint.analysis.values import Class, Function

_COPYING = frozenset(
    (
        "list",
        "tuple",
        "reversed",
        "enumerate",
        "zip",
        "iter",
        "next",
        "deepcopy",
        "copy",
        "get",
        "setdefault",
        "values",
        "items",
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one statement does, in names; an attribute of `self` is `self.name`."""

    binds: frozenset[str]
    """Assigned or mutated."""
    loads: frozenset[str]
    aliases: frozenset[str]
    """Names that what it binds may share objects with."""
    leaves: bool
    """Returns, raises, breaks or continues."""
    yields: bool
    mentioned: frozenset[str]
    """Names, and last names of attributes."""
    calls: frozenset[str]
    """What it calls or hands on to be called: `name` for a name, `.name` for an attribute of something."""
    passed: frozenset[str]
    """Names handed to a call whose result is dropped: the callee may change them."""
    returned: frozenset[str]
    """Names in what it returns or yields."""
    own_calls: frozenset[str]
    """Methods of its own object that it calls for what they change."""
    defines: bool = False


_FACTS: dict[int, tuple[cst.CSTNode, Facts]] = {}


def forget() -> None:
    """Drop what is known of statements, with the trees that it refers to."""
    _FACTS.clear()
    _HEADERS.clear()
    _RELEVANT.clear()
    _ENDS.clear()


def facts_of(node: cst.CSTNode) -> Facts:
    """The facts of a statement, nested ones included."""
    known = _FACTS.get(id(node))
    if known is None or known[0] is not node:
        reader = _FactReader()
        reader.read(node)
        known = _FACTS[id(node)] = (node, reader.facts())
    return known[1]


def matters(
    node: cst.CSTNode, relevant: frozenset[str], state: State, owner: Class | None, *, results: bool = True
) -> bool:
    """Whether a statement of a method of `owner`, or of a function, can affect the relevant names or results.

    Or leaves it, or makes a call that is looked for.
    """
    facts = facts_of(node)
    return bool(
        facts.leaves
        or (facts.yields and results)
        or facts.binds & relevant
        or facts.passed & relevant
        or is_watched(facts, state)
        or _changes_own_object(facts, relevant, state, owner)
    )


def _changes_own_object(facts: Facts, relevant: frozenset[str] | set[str], state: State, owner: Class | None) -> bool:
    """Whether a statement hands the object that a method belongs to, to what may change a relevant attribute of it."""
    if "self" in facts.passed:
        return any(name.startswith(effects.OWN) for name in relevant)
    return effects.may_change(state, owner, facts.own_calls, relevant)


def is_watched(facts: Facts, state: State) -> bool:
    """Whether some code may make a call that is looked for."""
    return bool(facts.mentioned & state.watched_names or facts.calls & state.watched_calls)


def relevant_names(
    body: cst.CSTNode | Sequence[cst.CSTNode],
    seeds: frozenset[str],
    state: State,
    owner: Class | None,
    *,
    results: bool = True,
) -> frozenset[str]:
    """The names from which something flows into `seeds`, into results, or into calls that are looked for.

    The body is that of a method of `owner`, or of a function.
    """
    nodes = (body,) if isinstance(body, cst.CSTNode) else tuple(body)
    asked = seeds, state.watched_names, state.watched_calls, state.demand, results
    key = (tuple(id(node) for node in nodes), id(owner.contents) if owner is not None else 0, *asked)
    known = _RELEVANT.get(key)
    if known is None:
        known = _RELEVANT[key] = (nodes, _relevant_names(nodes, seeds, state, owner, results))
    return known[1]


_RELEVANT: dict[tuple[Any, ...], tuple[tuple[cst.CSTNode, ...], frozenset[str]]] = {}
"""What was found of bodies, with these, so that their ids stay theirs."""


def _relevant_names(
    nodes: Sequence[cst.CSTNode], seeds: frozenset[str], state: State, owner: Class | None, results: bool
) -> frozenset[str]:
    statements = [leaf for node in nodes for leaf in leaves(node)]
    facts = [facts_of(statement) for statement in statements]
    relevant = set(seeds)
    for statement, fact in zip(statements, facts, strict=True):
        if results:
            relevant |= fact.returned
        if is_watched(fact, state):
            relevant |= _watched_loads(statement, fact, state.watched_calls, state.demand)
    changed = True
    while changed:
        before = len(relevant)
        for fact in facts:
            if fact.binds & relevant or fact.passed & relevant:
                relevant |= fact.loads
                relevant |= fact.binds
            elif _changes_own_object(fact, relevant, state, owner):
                relevant |= fact.loads
            elif fact.aliases & relevant:
                relevant |= fact.binds
        changed = len(relevant) > before
    return frozenset(relevant)


def last_watched(body: cst.CSTNode, state: State) -> frozenset[int]:
    """The statements behind which a function makes no call that is looked for, by id: where its evaluation may end."""
    key = ("ends", id(body), state.watched_names, state.watched_calls)
    known = _ENDS.get(key)
    if known is None:
        known = _ENDS[key] = (body, frozenset(id(statement) for statement in _ends(body, state)))
    return known[1]


_ENDS: dict[tuple[Any, ...], tuple[cst.CSTNode, frozenset[int]]] = {}


def _ends(block: cst.CSTNode, state: State) -> Iterator[cst.CSTNode]:
    statements = block.body if isinstance(block, cst.IndentedBlock) else ()
    watched = [statement for statement in statements if is_watched(facts_of(statement), state)]
    if not watched:
        return
    last = watched[-1]
    yield last
    inner: list[cst.CSTNode] = []
    if isinstance(last, cst.With):
        inner = [last.body]
    elif isinstance(last, cst.Try):
        others = [part for part in (*last.handlers, last.orelse, last.finalbody) if part is not None]
        inner = [last.body] if not any(is_watched(facts_of(part), state) for part in others) else []
    elif isinstance(last, cst.If):
        inner = [last.body]
        if isinstance(last.orelse, cst.Else):
            inner.append(last.orelse.body)
    for each in inner:
        yield from _ends(each, state)


def parameters_that_matter(function: Function, state: State) -> frozenset[str]:
    """The parameters from which something flows into the calls that a function makes and that are looked for."""
    if function.contents is None:
        return frozenset()
    relevant = relevant_names(function.node.body, frozenset(), state, function.owner, results=False)
    own = function.owner is not None and STATIC not in function.decorations
    return relevant & frozenset(function.contents.parameters[1 if own else 0 :])


def _watched_loads(
    statement: cst.CSTNode, fact: Facts, callees: frozenset[str], demand: Demand | None
) -> frozenset[str] | set[str]:
    """What flows into the calls that are looked for in a statement."""
    demanded = names_demanded(statement, callees, demand) if demand is not None else None
    return fact.loads if demanded is None else demanded


def leaves(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The simple statements and headers below a node, nested functions as wholes."""
    found: list[cst.CSTNode] = []
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, (cst.BaseSmallStatement, cst.FunctionDef, cst.ClassDef)):
            found.append(at)
        elif isinstance(at, cst.For):
            known = _HEADERS.setdefault(id(at), (at, cst.Assign([cst.AssignTarget(at.target)], at.iter)))
            found.append(known[1])
            stack.extend(part for part in (at.body, at.orelse) if part is not None)
        elif isinstance(at, cst.With):
            for item in at.items:
                found.append(_header(item, lambda item: cst.Expr(item.item)))
                if item.asname is not None:
                    found.append(_header(item.asname, partial(_entered, item)))
            stack.append(at.body)
        elif isinstance(at, (cst.If, cst.While)):
            known = _HEADERS.setdefault(id(at), (at, cst.Expr(at.test)))
            found.append(known[1])
            stack.extend(part for part in (at.body, at.orelse) if part is not None)
        else:
            stack.extend(
                child
                for child in children(at)
                if isinstance(
                    child,
                    (
                        cst.BaseStatement,
                        cst.BaseSmallStatement,
                        cst.BaseSuite,
                        cst.ExceptHandler,
                        cst.ExceptStarHandler,
                        cst.Finally,
                        cst.Else,
                        cst.MatchCase,
                    ),
                )
            )
    return found


_HEADERS: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}


def _header(node: cst.CSTNode, made: Callable[[Any], cst.CSTNode]) -> cst.CSTNode:
    """What stands for the head of a compound statement, the same node each time."""
    known = _HEADERS.get(id(node))
    if known is None or known[0] is not node:
        known = _HEADERS[id(node)] = (node, made(node))
    return known[1]


def _entered(item: cst.WithItem, name: cst.AsName) -> cst.Assign:
    """`with item as name`: the name may stand for anything that was handed to what makes the context manager."""
    handed = [argument.value for argument in item.item.args] if isinstance(item.item, cst.Call) else []
    values = [item.item, *handed]
    return cst.Assign([cst.AssignTarget(name.name)], cst.Tuple([cst.Element(value) for value in values]))


def path_of(node: cst.CSTNode) -> str | None:
    """`self.x` for anything below an attribute of `self`, else the root name; None when there is none."""
    last: str | None = None
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        if isinstance(node, cst.Attribute):
            last = node.attr.value
            node = node.value
        elif isinstance(node, cst.Subscript):
            node = node.value
        else:
            node = node.func
    if isinstance(node, cst.Name):
        return f"self.{last}" if node.value in ("self", "cls") and last else node.value
    return None


class _FactReader:
    def __init__(self) -> None:
        self._binds: set[str] = set()
        self._loads: set[str] = set()
        self._aliases: set[str] = set()
        self._mentioned: set[str] = set()
        self._calls: set[str] = set()
        self._passed: set[str] = set()
        self._returned: set[str] = set()
        self._own_calls: set[str] = set()
        self._leaves = False
        self._yields = False

    def facts(self) -> Facts:
        return Facts(
            frozenset(self._binds),
            frozenset(self._loads),
            frozenset(self._aliases),
            self._leaves,
            self._yields,
            frozenset(self._mentioned),
            frozenset(self._calls),
            frozenset(self._passed),
            frozenset(self._returned),
            frozenset(self._own_calls),
        )

    def read(self, node: cst.CSTNode) -> None:
        """Read a statement and everything below it."""
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self._binds.add(node.name.value)
            self._load(node)
            return
        self._calls.update(map(encoded, handed_on(node)))
        if isinstance(node, (cst.Return, cst.Raise, cst.Break, cst.Continue)):
            self._leaves = True
        if isinstance(node, cst.Return) and node.value is not None:
            self._returned |= self._names(node.value)
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                self._bind(target.target)
            self._aliases |= _shared(node.value)
        elif isinstance(node, (cst.AugAssign, cst.AnnAssign, cst.For)):
            self._bind(node.target)
            if isinstance(node, cst.For):
                self._aliases |= _shared(node.iter)
            elif node.value is not None:
                self._aliases |= _shared(node.value)
        elif isinstance(node, cst.With):
            for item in node.items:
                self._dropped(item.item)
                if item.asname is not None:
                    self._bind(item.asname.name)
        elif isinstance(node, cst.Del):
            self._bind(node.target)
        elif isinstance(node, (cst.Global, cst.Nonlocal, cst.Import, cst.ImportFrom)):
            self._imports(node)
        elif isinstance(node, cst.Expr):
            self._dropped(node.value)
        if isinstance(node, cst.BaseExpression):
            self._load(node)
            return
        for child in children(node):
            self.read(child)

    def _imports(self, node: cst.CSTNode) -> None:
        if isinstance(node, (cst.Global, cst.Nonlocal)):
            self._leaves = True
            return
        aliases = node.names  # type: ignore[attr-defined]
        for alias in () if isinstance(aliases, cst.ImportStar) else aliases:
            bound = alias.asname.name if alias.asname else alias.name
            while isinstance(bound, cst.Attribute):
                bound = bound.value
            if isinstance(bound, cst.Name):
                self._binds.add(bound.value)

    def _bind(self, target: cst.CSTNode) -> None:
        if isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._bind(element.value)
            return
        path = path_of(target)
        if isinstance(target, cst.Attribute):
            self._mentioned.add(target.attr.value)
        if path:
            self._binds.add(path)
            if isinstance(target, cst.Subscript):
                self._load(target)

    def _dropped(self, node: cst.BaseExpression) -> None:
        while isinstance(node, cst.Await):
            node = node.expression
        if isinstance(node, cst.Yield):
            self._yields = True
            if node.value is not None:
                self._returned |= self._names(node.value)
            return
        if not isinstance(node, cst.Call) or _only_tells(node):
            return
        if isinstance(node.func, cst.Attribute):
            receiver = path_of(node.func.value)
            if receiver in ("self", "cls"):
                self._own_calls.add(node.func.attr.value)
            elif receiver:
                (self._binds if node.func.attr.value in MUTATORS else self._passed).add(receiver)
        for argument in node.args:
            path = path_of(argument.value)
            if path and isinstance(argument.value, (cst.Name, cst.Attribute, cst.Subscript, cst.Call)):
                self._passed.add(path)

    def _load(self, node: cst.CSTNode) -> None:
        self._loads |= self._names(node)

    def _names(self, root: cst.CSTNode) -> set[str]:
        names: set[str] = set()
        stack = [root]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind in HANDING_ON:
                self._calls.update(map(encoded, handed_on(node)))
            if kind is cst.Name:
                names.add(node.value)  # type: ignore[attr-defined]
            elif kind is cst.Attribute:
                self._attribute(node, names, stack)  # type: ignore[arg-type]
            elif kind is cst.Call:
                self._call(node, stack)  # type: ignore[arg-type]
            elif kind is cst.Arg:
                stack.append(node.value)  # type: ignore[attr-defined]
            elif kind is cst.NamedExpr:
                self._bind(node.target)  # type: ignore[attr-defined]
                stack.append(node.value)  # type: ignore[attr-defined]
            elif kind is cst.Yield:
                self._yields = True
                if node.value is not None:  # type: ignore[attr-defined]
                    found = self._names(node.value)  # type: ignore[attr-defined]
                    self._returned |= found
                    names |= found
            elif kind is not cst.SimpleString and kind is not cst.Integer:
                stack.extend(children(node))
        self._mentioned |= names
        return names

    def _attribute(self, node: cst.Attribute, names: set[str], stack: list[cst.CSTNode]) -> None:
        self._mentioned.add(node.attr.value)
        if type(node.value) is cst.Name and node.value.value in ("self", "cls"):
            names.add(f"self.{node.attr.value}")
            names.add(node.value.value)
        else:
            stack.append(node.value)

    def _call(self, node: cst.Call, stack: list[cst.CSTNode]) -> None:
        for argument in node.args if last_name(node.func) == "Thread" else ():
            path = path_of(argument.value)
            if path and argument.keyword is not None and argument.keyword.value == "target":
                self._passed.add(path)
        if type(node.func) is cst.Name:
            self._mentioned.add(node.func.value)
        elif type(node.func) is cst.Attribute and node.func.attr.value in MUTATORS:
            path = path_of(node.func.value)
            if path:
                self._binds.add(path)
        stack.append(node.func)
        stack.extend(argument.value for argument in node.args)


_TELLING = frozenset(("debug", "info", "warning", "warn", "error", "exception", "critical", "log"))


def _only_tells(node: cst.Call) -> bool:
    """`print(…)` and `logger.info(…)`, which change nothing that they are given; a file is given to be changed."""
    func = node.func
    if isinstance(func, cst.Attribute):
        return func.attr.value in _TELLING and "log" in encoded(func.value).lower()
    given_file = any(each.keyword is not None and each.keyword.value == "file" for each in node.args)
    return isinstance(func, cst.Name) and func.value == "print" and not given_file


def _shared(node: cst.BaseExpression) -> set[str]:
    """The names whose objects the value of an expression may contain."""
    names: set[str] = set()
    stack: list[cst.CSTNode] = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, (cst.Name, cst.Attribute, cst.Subscript)):
            path = path_of(at)
            if path:
                names.add(path)
        elif isinstance(at, cst.Call):
            func = at.func
            last = (
                func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
            )
            if last in _COPYING:
                stack.extend(argument.value for argument in at.args)
                if isinstance(func, cst.Attribute):
                    stack.append(func.value)
        elif isinstance(at, (cst.List, cst.Tuple, cst.Dict, cst.IfExp, cst.BooleanOperation, cst.Await, cst.NamedExpr)):
            stack.extend(children(at))
        elif isinstance(at, (cst.Element, cst.StarredElement, cst.DictElement, cst.StarredDictElement)):
            stack.append(at.value)
    return names


def stores_into(node: cst.For) -> bool:
    """Whether the body of a loop stores into the element that it is at."""
    target = path_of(node.target)
    facts = facts_of(node.body)
    return target is not None and target in facts.binds


def retries(node: cst.For | cst.While) -> bool:
    """Whether a loop only repeats until something succeeds: its body tries, and leaves the loop when that went well."""
    for statement in node.body.body:
        if isinstance(statement, cst.Try) and statement.handlers:
            leaving = [statement.body, statement.orelse] if statement.orelse is not None else [statement.body]
            if any(contains_break(block) for block in leaving):
                return True
    return False


def contains_break(node: cst.CSTNode) -> bool:
    """Whether a loop's body leaves it early."""
    stack: list[cst.CSTNode] = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, (cst.Break, cst.Return)):
            return True
        if isinstance(at, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
            continue
        if isinstance(at, (cst.For, cst.While)) and at is not node:
            if any(isinstance(inner, cst.Return) for inner in _all_statements(at)):
                return True
            continue
        stack.extend(children(at))
    return False


def _all_statements(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [leaf for leaf in leaves(node) if isinstance(leaf, cst.Return)]
