"""Loops and generators that look for one element: the order in which they go through the others does not show."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from cachelint.analysis.surroundings import inside

_COLLECTING = frozenset(("append", "extend", "add", "insert", "update", "setdefault", "write", "put"))
_SHARED = frozenset(("suffix", "suffixes", "parent", "parents", "parts"))
"""Attributes of a path that many have in common: what is found by one of them is the first of several."""


def only(loop: cst.For) -> bool:
    """Whether a loop collects nothing: it takes the element that a test names, or the greatest of all."""
    body = list(inside(loop.body))
    if any(_collects(node) for node in body):
        return False
    elements = _elements(loop.target, body)
    choosing = [node for node in body if isinstance(node, cst.If) and _takes(node, elements)]
    return bool(choosing) and all(_finds(node.test, elements) or _is_greater(node, elements) for node in choosing)


def in_generator(call: cst.CSTNode) -> bool:
    """Whether a call is given what a test names: `next(p for p in folder.iterdir() if p.name == name)`."""
    generator = call.args[0].value if isinstance(call, cst.Call) and call.args else None
    if not isinstance(generator, cst.GeneratorExp):
        return False
    elements = frozenset(_names(generator.for_in.target))
    return any(_finds(condition.test, elements) for condition in generator.for_in.ifs)


def _collects(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.AssignTarget):
        return isinstance(node.target, (cst.Subscript, cst.Attribute))
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Attribute) and node.func.attr.value in _COLLECTING
    return isinstance(node, (cst.Yield, cst.AugAssign))


def _elements(target: cst.BaseExpression, body: list[cst.CSTNode]) -> frozenset[str]:
    """The names of an element and of what is made of it."""
    names = set(_names(target))
    for node in body:
        if isinstance(node, cst.Assign) and names & set(_names(node.value)):
            names.update(name for to in node.targets for name in _names(to.target))
    return frozenset(names)


def _takes(node: cst.If, elements: frozenset[str]) -> bool:
    """Whether a branch ends the search, or keeps an element for later."""
    body = list(inside(node.body))
    return any(isinstance(at, (cst.Return, cst.Break)) for at in body) or _is_greater(node, elements)


def _finds(test: cst.BaseExpression, elements: frozenset[str]) -> bool:
    """Whether a test compares an element with what is looked for."""
    if isinstance(test, cst.BooleanOperation):
        return _finds(test.left, elements) or _finds(test.right, elements)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    operator, other = test.comparisons[0].operator, test.comparisons[0].comparator
    if isinstance(operator, cst.In):
        return _is_wanted(test.left, elements) and _is_element(other, elements)
    if not isinstance(operator, cst.Equal):
        return False
    sides = ((test.left, other), (other, test.left))
    return any(_is_element(one, elements) and _is_wanted(another, elements) for one, another in sides)


def _is_element(node: cst.BaseExpression, elements: frozenset[str]) -> bool:
    attributes = {at.attr.value for at in inside(node) if isinstance(at, cst.Attribute)}
    return bool(elements & set(_names(node))) and not attributes & _SHARED


def _is_wanted(node: cst.BaseExpression, elements: frozenset[str]) -> bool:
    names = set(_names(node))
    return bool(names) and not names & elements


def _is_greater(node: cst.If, elements: frozenset[str]) -> bool:
    """`if best is None or version > best: best = version`."""
    kept = {name for at in inside(node.body) if isinstance(at, cst.AssignTarget) for name in _names(at.target)}
    return any(
        isinstance(target.operator, (cst.LessThan, cst.GreaterThan, cst.LessThanEqual, cst.GreaterThanEqual))
        and kept & ({*_names(comparison.left), *_names(target.comparator)})
        for comparison in inside(node.test)
        if isinstance(comparison, cst.Comparison) and elements & set(_names(comparison))
        for target in comparison.comparisons
    )


def _names(node: cst.CSTNode) -> Iterator[str]:
    """The variables that an expression reads or a target binds; names of attributes left out."""
    if isinstance(node, cst.Attribute):
        yield from _names(node.value)
    elif isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Arg):
        yield from _names(node.value)
    else:
        for child in node.children:
            yield from _names(child)
