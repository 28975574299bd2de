"""Whether a program adds to a text or list between two of the requests that it sends with it.

An attribute to which methods add can belong to a builder that is filled, asked once, and thrown away. It grows from
request to request when a loop both adds and sends, or when what a method adds came with the turn that the method sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.name_usage import MUTATORS
from cachelint.analysis.project import Module
from cachelint.analysis.surroundings import inside, is_constructing, loop_around
from cachelint.analysis.syntax import Site, children

_ADDING = frozenset(("append", "appendleft", "extend", "insert"))
_EMPTYING = MUTATORS - _ADDING
MAXIMUM_ROUNDS = 4
"""Assignments that are followed from what came with a turn."""

_Loop = cst.For | cst.While
_CONDITIONAL = (cst.If, cst.Match, cst.ExceptHandler, cst.FunctionDef, cst.Lambda)


def accumulates(origin: str, places: Iterable[Site]) -> bool:
    """Whether what lives at `origin` (`file:Class.attribute` or `file:NAME`) grows from request to request.

    `places` are the calls that lead to the request.
    """
    places = tuple(places)
    return any(_Holder(module, functions, path, places).grows() for module, functions, path in _homes(origin, places))


def _homes(origin: str, places: tuple[Site, ...]) -> Iterator[tuple[Module, dict[str, FunctionContents], str]]:
    """The module, the functions that can add, and the name as they write it."""
    filename, _, name = origin.rpartition(":")
    holder, _, attribute = name.rpartition(".")
    seen: set[str] = set()
    for module in (place.segment.module for place in places):
        if module.filename in seen:
            continue
        seen.add(module.filename)
        everything = [each for each in module.contents.everything if each.name != "<module>"]
        if not holder:
            if module.filename == filename:
                yield module, {each.name: each for each in everything}, name
            continue
        last = holder.rpartition(".")[2]
        own = [
            each
            for each in everything
            if each.parent is not None
            and (
                (module.filename == filename and each.parent.qualified_name == holder)
                or any(base.rpartition(".")[2] == last for base in each.parent.bases)
            )
        ]
        if own:
            yield module, {each.name: each for each in own}, f"self.{attribute}"


@dataclass(slots=True)
class _Holder:
    """A class or module that owns what grows."""

    module: Module
    functions: dict[str, FunctionContents]
    path: str
    places: tuple[Site, ...]

    def grows(self) -> bool:
        nodes = {name: node for name in self.functions if (node := self._node(name)) is not None}
        adding = self._reaching({name for name, node in nodes.items() if any(self._added(node))})
        emptying = self._reaching({name for name, node in nodes.items() if any(map(self._empties, inside(node)))})
        sending = self._reaching({name for name, node in nodes.items() if self._holds_place(node)})
        for name in sending:
            node = nodes.get(name)
            if node is None or is_constructing(Site(self.module.segment(self.functions[name].span), node.body)):  # type: ignore[arg-type]
                continue
            if self._loops(node, adding, sending, emptying) or self._turn(node, adding, sending, emptying):
                return True
        return any(self._driven(place, adding) for place in self.places)

    def _node(self, name: str) -> cst.FunctionDef | None:
        segment = self.module.segment(self.functions[name].span)
        statements = segment.statements if segment is not None else ()
        return next((each for each in statements if isinstance(each, cst.FunctionDef)), None)

    def _reaching(self, names: set[str]) -> set[str]:
        """The functions that lead to some of `names`, those included."""
        prefix = "self." if self.path.startswith("self.") else ""
        found = set(names)
        for _ in self.functions:
            more = {
                name
                for name, contents in self.functions.items()
                if any(f"{prefix}{known}" in contents.calls or f"self.{known}" in contents.calls for known in found)
            }
            if more <= found:
                break
            found |= more
        return found

    def _holds_place(self, root: cst.CSTNode) -> bool:
        nodes = {id(place.node) for place in self.places}
        return any(id(node) in nodes for node in inside(root))

    def _sends(self, root: cst.CSTNode, sending: set[str]) -> bool:
        return self._holds_place(root) or _calls(root, sending)

    def _added(self, root: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What is added to the text or list below a node."""
        for node in inside(root):
            if isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.AddAssign):
                if _dotted(node.target) == self.path:
                    yield node.value
            elif isinstance(node, cst.Assign) and _dotted(node.targets[0].target) == self.path:
                if self._mentions_itself(node.value):
                    yield node.value
            elif isinstance(node, cst.Call) and self._method(node) in _ADDING:
                yield from (argument.value for argument in node.args)

    def _mentions_itself(self, root: cst.CSTNode) -> bool:
        return any(_dotted(node) == self.path for node in inside(root))

    def _empties(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Assign):
            return _dotted(node.targets[0].target) == self.path and not self._mentions_itself(node.value)
        if isinstance(node, cst.AnnAssign):
            return _dotted(node.target) == self.path
        return isinstance(node, cst.Call) and self._method(node) in _EMPTYING

    def _method(self, call: cst.Call) -> str:
        """The name of the method of what grows that is called; empty for any other call."""
        func = call.func
        return func.attr.value if isinstance(func, cst.Attribute) and _dotted(func.value) == self.path else ""

    def _starts_anew(self, root: cst.CSTNode, emptying: set[str], adding: set[str]) -> bool:
        """Whether something empties it there each time: not only under a condition, as a command of the user's does."""
        stack = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, _CONDITIONAL) and node is not root:
                continue
            if self._empties(node) or (isinstance(node, cst.Call) and _calls(node, emptying - adding)):
                return True
            stack.extend(children(node))
        return False

    def _loops(self, function: cst.FunctionDef, adding: set[str], sending: set[str], emptying: set[str]) -> bool:
        """Whether a loop of the function both adds and sends."""
        return any(
            self._sends(loop.body, sending)
            and (any(self._added(loop.body)) or _calls(loop.body, adding))
            and not self._starts_anew(loop.body, emptying, adding)
            for loop in inside(function.body)
            if isinstance(loop, _Loop)
        )

    def _turn(self, function: cst.FunctionDef, adding: set[str], sending: set[str], emptying: set[str]) -> bool:
        """Whether the function adds what came with the turn that it sends: an argument of its own, or the answer."""
        if self._starts_anew(function.body, emptying, adding):
            return False
        turn = self._of_turn(function, sending)
        given: list[cst.CSTNode] = list(self._added(function.body))
        for node in inside(function.body):
            if isinstance(node, cst.Call) and _dotted(node.func) in _forms(adding - sending):
                given += [argument.value for argument in node.args]
        return any(_names(value) & turn or self._sends(value, sending) for value in given)

    def _of_turn(self, function: cst.FunctionDef, sending: set[str]) -> set[str]:
        parameters = function.params
        every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
        turn = {parameter.name.value for parameter in every} - {"self", "cls"}
        bound = [pair for node in inside(function.body) for pair in _bound(node)]
        for _ in range(MAXIMUM_ROUNDS):
            more = {name for name, value in bound if _names(value) & turn or self._sends(value, sending)}
            if more <= turn:
                break
            turn |= more
        return turn

    def _driven(self, place: Site, adding: set[str]) -> bool:
        """Whether the loop around a call of one object's method calls a method of it that adds."""
        loop, call = loop_around(place), place.node
        if loop is None or not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            return False
        receiver = call.func.value
        if any(name == _dotted(receiver) for node in inside(loop.body) for name, _ in _bound(node)):
            return False
        return any(
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in adding
            and node.func.value.deep_equals(receiver)
            for node in inside(loop.body)
        )


def _calls(root: cst.CSTNode, names: set[str]) -> bool:
    """Whether functions of the holder are called, or handed on, below a node."""
    forms = _forms(names)
    return any(_dotted(node) in forms for node in inside(root))


def _forms(names: set[str]) -> set[str]:
    """How functions of a module, or methods of an object, are written."""
    return {form for name in names for form in (name, f"self.{name}")}


def _names(root: cst.CSTNode) -> set[str]:
    return {node.value for node in inside(root) if isinstance(node, cst.Name)}


def _bound(node: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression]]:
    """Names that a statement binds, each with what its value is made of."""
    if isinstance(node, cst.Assign):
        for target in node.targets:
            yield from ((name, node.value) for name in _names(target.target))
    elif isinstance(node, (cst.AnnAssign, cst.NamedExpr, cst.AugAssign)) and node.value is not None:
        yield from ((name, node.value) for name in _names(node.target))
    elif isinstance(node, (cst.For, cst.CompFor)):
        yield from ((name, node.iter) for name in _names(node.target))
    elif isinstance(node, cst.WithItem) and node.asname is not None:
        yield from ((name, node.item) for name in _names(node.asname.name))


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return node.value if isinstance(node, cst.Name) else ""
