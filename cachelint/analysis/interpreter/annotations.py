"""What a type annotation tells of a parameter or field."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import expressions, subclasses
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.project import Module
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import parse_expression
from cachelint.analysis.values import Class, Instance, Item, Sequence, Symbol, Value

_WRAPPERS = frozenset(
    ("Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Awaitable", "SkipValidation")
)
_LISTS = frozenset(("list", "List", "Sequence", "Iterable", "Collection", "tuple", "Tuple"))
_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "bool", "bytes": "bytes"}


def value_of(state: State, node: cst.BaseExpression, scope: Scope, name: str) -> Value:
    """An unknown value of the annotated type."""
    if isinstance(node, cst.SimpleString):
        text = node.evaluated_value
        row = scope.segment.first_row
        found = instance_of(state, scope.module, row, text if isinstance(text, str) else "", name)
        return found if found is not None else Symbol(name=name, parameter=True)
    if isinstance(node, cst.Subscript):
        outer = node.value.attr.value if isinstance(node.value, cst.Attribute) else getattr(node.value, "value", "")
        inner = node.slice[0].slice
        if outer in _WRAPPERS and isinstance(inner, cst.Index):
            return value_of(state, inner.value, scope, name)
        if outer in _LISTS and isinstance(inner, cst.Index):
            return _several(state, inner.value, scope, name)
        return Symbol(name=name, parameter=True)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        sides = [side for side in (node.left, node.right) if not (isinstance(side, cst.Name) and side.value == "None")]
        return value_of(state, sides[0], scope, name) if len(sides) == 1 else Symbol(name=name, parameter=True)
    if isinstance(node, cst.Name) and node.value in _KINDS:
        return Symbol(kind=_KINDS[node.value], name=name, parameter=True)
    if isinstance(node, (cst.Name, cst.Attribute)):
        declared = expressions.evaluate(state, node, scope)
        if isinstance(declared, Class):
            return Instance(declared, generic=True)
        if isinstance(declared, Symbol) and "." in declared.path and not declared.path.startswith(("typing.", "?")):
            return Symbol(f"{declared.path}()", _KIND_OF_TYPE.get(declared.path, ""), (), name, parameter=True)
    return Symbol(name=name, parameter=True)


def _several(state: State, node: cst.BaseExpression, scope: Scope, name: str) -> Value:
    """A list of objects of a class that others inherit; of anything else an annotation tells too little."""
    element = value_of(state, node, scope, name)
    if isinstance(element, Instance) and subclasses.of(state, element.cls):
        return Sequence("list", [Item(element, maybe=True, repeated=True)])
    return Symbol(name=name, parameter=True)


_KIND_OF_TYPE = {"datetime.datetime": "datetime", "datetime.date": "date", "uuid.UUID": "uuid", "pathlib.Path": "path"}


def instance_of(state: State, module: Module, row: int, text: str, name: str) -> Value | None:
    """An unknown value of the type that `text` names; None when it is not an expression."""
    parsed = parse_expression(module, row, text) if text else None
    if parsed is None:
        return None
    segment, node = parsed
    return value_of(state, node, Scope(module, segment), name)
