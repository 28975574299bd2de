"""Identities that are drawn once and kept: looked up under their key first, drawn only where that has none."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.scope import Scope
from cachelint.analysis.surroundings import inside
from cachelint.analysis.values import Value, rebuilt, variations_in
from cachelint.analysis.variation import Period, Variation

_DRAWN = frozenset(("CL102", "CL103"))


def is_kept(node: cst.Assign, scope: Scope, value: Value) -> bool:
    """Whether an assignment puts a drawn value where its function looks first: `if key in store: return store[key]`."""
    target = node.targets[0].target
    if scope.function is None or len(node.targets) != 1 or not isinstance(target, cst.Subscript):
        return False
    if not any(variation.code in _DRAWN and variation.period < Period.PROCESS for variation in variations_in(value)):
        return False
    function = list(inside(scope.function.node.body))
    tested = any(_tests(at, target) for at in function if isinstance(at, cst.Comparison))
    read = any(at is not target and isinstance(at, cst.Subscript) and at.deep_equals(target) for at in function)
    return (tested and read) or any(_gets(at, target) for at in function if isinstance(at, cst.Call))


def from_now_on(value: Value) -> Value:
    """A value that is the same whenever its key is asked for again."""
    return rebuilt(value, _kept)


def _kept(variation: Variation) -> Variation:
    return variation.at_most_every(Period.PROCESS) if variation.code in _DRAWN else variation


def _tests(node: cst.Comparison, target: cst.Subscript) -> bool:
    """`key in store`, `key not in store`."""
    first = node.comparisons[0]
    if not isinstance(first.operator, (cst.In, cst.NotIn)):
        return False
    return first.comparator.deep_equals(target.value) and _is_key(node.left, target)


def _gets(node: cst.Call, target: cst.Subscript) -> bool:
    """`store.get(key)`."""
    function = node.func
    if not isinstance(function, cst.Attribute) or function.attr.value != "get" or not node.args:
        return False
    return function.value.deep_equals(target.value) and _is_key(node.args[0].value, target)


def _is_key(node: cst.BaseExpression, target: cst.Subscript) -> bool:
    key = target.slice[0].slice
    return len(target.slice) == 1 and isinstance(key, cst.Index) and key.value.deep_equals(node)
