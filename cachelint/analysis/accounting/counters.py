"""The counters of a `usage`, wherever an expression reads one, and the names that stand for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_CONVERSIONS = frozenset(("int", "float", "Decimal", "decimal.Decimal", "abs"))
_MAXIMUM_DEPTH = 12
"""Names that stand for names; a longer chain is not followed."""


class Kind(Enum):
    """The input counters of a response; they do not overlap."""

    FRESH = "input_tokens"
    """What stands behind the last breakpoint."""
    WRITTEN = "cache_creation_input_tokens"
    READ = "cache_read_input_tokens"
    OUTPUT = "output_tokens"


CACHE_KINDS = frozenset((Kind.WRITTEN, Kind.READ))
_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Counter:
    """One reading of a counter."""

    kind: Kind
    owner: ast.expr
    """The usage that it is read from."""
    node: ast.expr
    optional: bool
    """True when nothing stands in for a counter that is None."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of a function, and of the module around it, stand for where they are bound exactly once."""

    own: Mapping[str, ast.expr | None]
    """Names of the function; None for one that is bound in another way, or more than once."""
    outer: Mapping[str, ast.expr | None]

    def value(self, node: ast.expr) -> ast.expr:
        """What an expression stands for: the value of a name, else the expression itself."""
        for _ in range(_MAXIMUM_DEPTH):
            if not isinstance(node, ast.Name):
                break
            bound = self.own[node.id] if node.id in self.own else self.outer.get(node.id)
            if bound is None:
                break
            node = bound
        return node

    def counter(self, node: ast.expr) -> Counter | None:
        """The counter that an expression reads, through names, conversions and `or 0`; None when it reads none."""
        optional = True
        for _ in range(_MAXIMUM_DEPTH):
            node = self.value(node)
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
                node, optional = node.values[0], False
            elif isinstance(node, ast.IfExp):
                node, optional = node.body, False
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in _CONVERSIONS and len(node.args) == 1:
                node = node.args[0]
            else:
                break
        read = _reading(node)
        if read is None or not _is_usage(read[1]):
            return None
        return Counter(_KINDS[read[0]], read[1], node, optional and isinstance(node, ast.Attribute))


def _reading(node: ast.expr) -> tuple[str, ast.expr] | None:
    """The name of the counter and the object it is read from: an attribute, an item, `.get(...)` or `getattr(...)`."""
    name: object = None
    owner: ast.expr | None = None
    if isinstance(node, ast.Attribute):
        name, owner = node.attr, node.value
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        name, owner = node.slice.value, node.value
    elif isinstance(node, ast.Call) and node.args:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and isinstance(node.args[0], ast.Constant):
            name, owner = node.args[0].value, node.func.value
        elif isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            second = node.args[1]
            name, owner = (second.value, node.args[0]) if isinstance(second, ast.Constant) else (None, None)
    return (name, owner) if isinstance(name, str) and name in _KINDS and owner is not None else None


def _is_usage(owner: ast.expr) -> bool:
    """Whether an object is known as a usage; the program's own totals may count something else."""
    last = ""
    if isinstance(owner, ast.Name):
        last = owner.id
    elif isinstance(owner, ast.Attribute):
        last = owner.attr
    elif isinstance(owner, ast.Subscript) and isinstance(owner.slice, ast.Constant):
        last = str(owner.slice.value)
    elif isinstance(owner, ast.Call) and owner.args and isinstance(owner.args[0], ast.Constant):
        last = str(owner.args[0].value)
    return last.lower().removeprefix("_").endswith("usage")


def bindings(nodes: Iterable[ast.AST], parameters: ast.arguments | None = None) -> dict[str, ast.expr | None]:
    """The names that `nodes` bind, each with its value when it is bound once and by a plain assignment."""
    found: dict[str, ast.expr | None] = {}
    plain: dict[int, ast.expr] = {}
    if parameters is not None:
        every = (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, parameters.vararg, parameters.kwarg)
        found = {argument.arg: None for argument in every if argument is not None}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            plain[id(node.targets[0])] = node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            plain[id(node.target)] = node.value
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] = None if node.id in found else plain.get(id(node))
    return found
