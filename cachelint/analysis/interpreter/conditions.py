"""What a condition tells: its truth, where it is known, and what it says of the names in it."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import expressions, names
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.scope import Scope
from cachelint.analysis.values import (
    NONE,
    Choice,
    Class,
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Module,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
)

Narrowing = dict[str, Value]


def truth(value: Value) -> bool | None:
    """Whether a value is true; None when that is not known."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Text):
        return True if any(isinstance(part, str) and part for part in value.parts) else None
    if isinstance(value, Sequence):
        if any(not item.maybe and not item.repeated for item in value.items):
            return True
        return None if value.items else False
    if isinstance(value, Mapping):
        if any(not entry.maybe for entry in value.entries.values()):
            return True
        return None if value.entries or value.rest or value.open else False
    if isinstance(value, (Function, Method, Class, Module, Instance)):
        return True
    if isinstance(value, Choice):
        verdicts = {truth(option) for option in value.options}
        return verdicts.pop() if len(verdicts) == 1 else None
    return None


def branches(state: State, test: cst.BaseExpression, scope: Scope) -> tuple[Scope, Scope]:
    """Scopes in which the test holds and in which it does not."""
    positive, negative = narrowings(state, test, scope)
    return _overlay(scope, positive), _overlay(scope, negative)


def _overlay(scope: Scope, narrowing: Narrowing) -> Scope:
    if not narrowing:
        return scope
    inner = Scope(scope.module, scope.segment, scope.function, scope, scope.owner, dict(narrowing))
    inner.yielded, inner.returned = scope.yielded, scope.returned
    return inner


def narrowings(state: State, test: cst.BaseExpression, scope: Scope) -> tuple[Narrowing, Narrowing]:
    """What names are known to be where a test holds, and where it does not."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        positive, negative = narrowings(state, test.expression, scope)
        return negative, positive
    if isinstance(test, cst.BooleanOperation):
        return _combined(state, test, scope)
    if isinstance(test, cst.Name):
        return _split(state, test, scope, truth)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1 and isinstance(test.left, cst.Name):
        return _compared(state, test.left, test.comparisons[0], scope)
    if (
        isinstance(test, cst.Call)
        and isinstance(test.func, cst.Name)
        and test.func.value == "isinstance"
        and len(test.args) == 2
    ):
        subject, types = test.args[0].value, type_names(test.args[1].value)
        if isinstance(subject, cst.Name) and types:
            return _split(state, subject, scope, lambda option: is_instance(option, types))
    return {}, {}


def _combined(state: State, test: cst.BooleanOperation, scope: Scope) -> tuple[Narrowing, Narrowing]:
    left_positive, left_negative = narrowings(state, test.left, scope)
    right_positive, right_negative = narrowings(state, test.right, scope)
    if isinstance(test.operator, cst.And):
        return {**left_positive, **right_positive}, {}
    return {}, {**left_negative, **right_negative}


def _split(state: State, name: cst.Name, scope: Scope, judge) -> tuple[Narrowing, Narrowing]:  # type: ignore[no-untyped-def]
    value = names.lookup(state, name.value, scope)
    if not isinstance(value, Choice):
        return {}, {}
    positive = [option for option in value.options if judge(option) is not False]
    negative = [option for option in value.options if judge(option) is not True]
    return (
        {name.value: choice(positive)} if positive and len(positive) < len(value.options) else {},
        {name.value: choice(negative)} if negative and len(negative) < len(value.options) else {},
    )


def _compared(state: State, name: cst.Name, target: cst.ComparisonTarget, scope: Scope) -> tuple[Narrowing, Narrowing]:
    other = expressions.evaluate(state, target.comparator, scope)
    if not isinstance(other, Constant):
        return {}, {}

    def equal(option: Value) -> bool | None:
        if isinstance(option, Constant):
            return option == other
        return False if other == NONE and not isinstance(option, Symbol) else None

    positive, negative = _split(state, name, scope, equal)
    if isinstance(target.operator, (cst.Is, cst.Equal)):
        return positive, negative
    return (negative, positive) if isinstance(target.operator, (cst.IsNot, cst.NotEqual)) else ({}, {})


def type_names(node: cst.BaseExpression) -> frozenset[str]:
    """The names of built-in types in the second argument of `isinstance`; empty when there are others."""
    if isinstance(node, cst.Name):
        return frozenset((node.value,))
    if isinstance(node, cst.Tuple):
        return frozenset().union(*(type_names(element.value) for element in node.elements))
    return frozenset()


_TYPES: dict[type, frozenset[str]] = {
    str: frozenset(("str",)),
    bytes: frozenset(("bytes",)),
    bool: frozenset(("bool", "int")),
    int: frozenset(("int",)),
    float: frozenset(("float",)),
}
_BUILTINS = frozenset(
    ("str", "bytes", "bool", "int", "float", "list", "tuple", "set", "frozenset", "dict", "Mapping", "Sequence")
)
_PATHS = frozenset(("Path", "PurePath", "PosixPath"))


def is_instance(value: Value, types: frozenset[str]) -> bool | None:
    """Whether a value is an instance of one of the named built-in types; None when that is not known."""
    own: frozenset[str] | None = None
    if isinstance(value, Text) or (isinstance(value, Symbol) and value.kind == "text"):
        own = frozenset(("str",))
    elif isinstance(value, Constant):
        own = _TYPES.get(type(value.value), frozenset())
    elif isinstance(value, Sequence):
        own = frozenset((value.kind, "Sequence", "frozenset" if value.kind == "set" else ""))
    elif isinstance(value, Mapping):
        own = frozenset(("dict", "Mapping"))
    elif isinstance(value, Instance):
        own = frozenset((value.cls.contents.name,))
    elif isinstance(value, Symbol) and value.kind == "path":
        return True if types & _PATHS else None
    if own is None:
        return None
    if own & types:
        return True
    return False if types <= _BUILTINS or not isinstance(value, Instance) else None
