"""The expressions of a module, numbered, and copies of the module in which some of them are replaced."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

Replacement = Callable[[int, cst.BaseExpression], cst.BaseExpression]

_PLANTABLE = (
    cst.SimpleString,
    cst.ConcatenatedString,
    cst.FormattedString,
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BinaryOperation,
    cst.IfExp,
    cst.Await,
)
_LEFT_ALONE: dict[type, tuple[str, ...]] = {
    cst.AnnAssign: ("target", "annotation"),
    cst.Arg: ("keyword",),
    cst.AsName: ("name",),
    cst.AssignTarget: ("target",),
    cst.Attribute: ("attr",),
    cst.AugAssign: ("target",),
    cst.ClassDef: ("name", "bases", "keywords"),
    cst.CompFor: ("target",),
    cst.ConcatenatedString: ("left", "right"),
    cst.Del: ("target",),
    cst.ExceptHandler: ("type", "name"),
    cst.For: ("target",),
    cst.FunctionDef: ("name", "returns"),
    cst.Global: ("names",),
    cst.Import: ("names",),
    cst.ImportFrom: ("module", "names"),
    cst.MatchCase: ("pattern",),
    cst.NamedExpr: ("target",),
    cst.Nonlocal: ("names",),
    cst.Param: ("name", "annotation"),
}
"""The parts of a node that are not evaluated, or at a time that is nobody's concern."""


def replaced(text: str, replacement: Replacement) -> str:
    """The module with each expression, innermost first, as `replacement` makes it."""
    return cst.parse_module(text).visit(_Replacing(replacement)).code


class _Replacing(cst.CSTTransformer):
    def __init__(self, replacement: Replacement) -> None:
        super().__init__()
        self._replacement = replacement
        self._left_alone: set[int] = set()
        self._numbers: dict[int, int] = {}
        self._count = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if id(node) in self._left_alone:
            return False
        for name in _LEFT_ALONE.get(type(node), ()):
            part = getattr(node, name)
            self._left_alone.update(map(id, part if isinstance(part, (list, tuple)) else (part,)))
        if isinstance(node, cst.Expr) and isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString)):
            return False  # a docstring
        if isinstance(node, _PLANTABLE):
            self._numbers[id(node)] = self._count
            self._count += 1
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        number = self._numbers.get(id(original_node))
        if number is None or not isinstance(updated_node, cst.BaseExpression):
            return updated_node
        return self._replacement(number, updated_node)
