"""Which arguments of a call matter: those whose parameters flow into what is asked of the function that is called.

Callers are evaluated to learn what they pass. A caller passes much that no prompt depends on, and to evaluate that
would cost more than everything else; so only the demanded arguments are evaluated, and only what flows into those.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from cachelint.analysis.interpreter.definitions import STATIC
from cachelint.analysis.syntax import children
from cachelint.analysis.values import Function


@dataclass(frozen=True, slots=True)
class Demand:
    """The parameters of one function that matter."""

    parameters: frozenset[str]
    positional: tuple[str, ...]
    """The parameters that arguments without a name are bound to, in order; its own object is none of them."""
    named: frozenset[str]
    """All parameters that can be given by name."""
    rest: str | None
    """The parameter behind `*`."""
    rest_named: str | None
    """The parameter behind `**`."""

    def wanted(self, node: cst.Call) -> list[cst.Arg]:
        """The arguments of a call of the function that matter."""
        if _through_class(node.func):
            return list(node.args)
        found: list[cst.Arg] = []
        position: int | None = 0
        for argument in node.args:
            if argument.star:
                found.append(argument)
                position = None if argument.star == "*" else position
            elif argument.keyword is not None:
                if self._wants_name(argument.keyword.value):
                    found.append(argument)
            elif position is None:
                found.append(argument)
            else:
                if self._wants_position(position):
                    found.append(argument)
                position += 1
        return found

    def _wants_name(self, name: str) -> bool:
        return (name if name in self.named else self.rest_named) in self.parameters

    def _wants_position(self, position: int) -> bool:
        return (self.positional[position] if position < len(self.positional) else self.rest) in self.parameters


def _through_class(func: cst.BaseExpression) -> bool:
    """`Agent.run(agent, question)`, which hands over the object as an argument."""
    return (
        isinstance(func, cst.Attribute)
        and isinstance(func.value, cst.Name)
        and func.value.value.lstrip("_")[:1].isupper()
    )


def demand_for(function: Function, names: frozenset[str]) -> Demand:
    """The demand for those parameters of a function that are among `names`."""
    parameters = function.node.params
    positional = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
    keyword_only = [parameter.name.value for parameter in parameters.kwonly_params]
    rest = parameters.star_arg.name.value if isinstance(parameters.star_arg, cst.Param) else None
    rest_named = parameters.star_kwarg.name.value if parameters.star_kwarg is not None else None
    every = {*positional, *keyword_only, *(name for name in (rest, rest_named) if name is not None)}
    own = function.owner is not None and STATIC not in function.decorations
    return Demand(
        names & every,
        tuple(positional[1:] if own else positional),
        frozenset((*positional, *keyword_only)),
        rest,
        rest_named,
    )


def names_demanded(statement: cst.CSTNode, callees: frozenset[str], demand: Demand) -> set[str] | None:
    """The names in a statement that flow into demanded arguments of a call of one of `callees`, or into its receiver.

    None when a callee is handed on to be called elsewhere: then everything may matter.
    """
    names: set[str] = set()
    stack: list[cst.CSTNode] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            return None
        called = isinstance(node, cst.Call) and encoded(node.func) in callees
        if any(encoded(inner) in callees for inner in handed_on(node) if not (called and inner is node.func)):  # type: ignore[attr-defined]
            return None
        if isinstance(node, cst.Call):
            stack.append(node.func.value if called and isinstance(node.func, cst.Attribute) else node.func)
            stack.extend(argument.value for argument in (demand.wanted(node) if called else node.args))
        elif isinstance(node, cst.Name):
            names.add(node.value)
        elif isinstance(node, cst.Attribute):
            if isinstance(node.value, cst.Name) and node.value.value in ("self", "cls"):
                names.update((node.value.value, f"self.{node.attr.value}"))
            else:
                stack.append(node.value)
        else:
            stack.extend(children(node))
    return names


_WITH_VALUE = (
    cst.Assign, cst.AnnAssign, cst.Return, cst.NamedExpr, cst.Element, cst.StarredElement, cst.DictElement, cst.Yield,
    cst.Arg,
)  # fmt: skip
HANDING_ON = frozenset((*_WITH_VALUE, cst.Call, cst.Lambda, cst.IfExp, cst.BooleanOperation))
"""The kinds of nodes that call a value or pass it on."""


def handed_on(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What a node calls, or passes on as it is, so that it may be called elsewhere."""
    if isinstance(node, cst.Call):
        return [node.func, *(argument.value for argument in node.args)]
    if isinstance(node, _WITH_VALUE):
        return [node.value] if node.value is not None else []
    if isinstance(node, cst.Lambda):
        return [node.body]
    if isinstance(node, cst.IfExp):
        return [node.body, node.orelse]
    return [node.left, node.right] if isinstance(node, cst.BooleanOperation) else []


def encoded(node: cst.CSTNode) -> str:
    """`name` for a name, `.name` for an attribute of something, empty for anything else."""
    if isinstance(node, cst.Attribute):
        return f".{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
