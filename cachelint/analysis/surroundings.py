"""What the source says around a call: its function, the loops that repeat it, their pauses.

The interpreter knows what a call is given; this looks up the tree from the call to see how it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from cachelint.analysis.syntax import Segment, Site, children

_Function = cst.FunctionDef | cst.Lambda
LOOPS = (cst.For, cst.While, cst.CompFor, cst.ListComp, cst.GeneratorExp, cst.SetComp, cst.DictComp)
_CONSTRUCTORS = frozenset(("__init__", "__post_init__", "setup", "_setup"))


@lru_cache(maxsize=64)
def _parents(segment: Segment) -> dict[cst.CSTNode, cst.CSTNode]:
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    stack: list[cst.CSTNode] = [segment.tree]
    while stack:
        node = stack.pop()
        for child in children(node):
            found[child] = node
            stack.append(child)
    return found


def ancestors(site: Site) -> Iterator[cst.CSTNode]:
    """The nodes around a place, from the innermost outwards, up to and with the function that it is in."""
    parents = _parents(site.segment)
    node = parents.get(site.node)
    while node is not None:
        yield node
        if isinstance(node, _Function):
            return
        node = parents.get(node)


def function_around(site: Site) -> cst.CSTNode | None:
    """The function or lambda that a place is in; None at module level."""
    return next((node for node in ancestors(site) if isinstance(node, _Function)), None)


def qualified_name(site: Site) -> str:
    """The name of the function that a place is in, as Python has it: ``Agent.reply``, ``run.<locals>.step``.

    Lambdas are left out, as they have no name; ``<module>`` for what is in no function.
    """
    parents = _parents(site.segment)
    names: list[str] = []
    node = parents.get(site.node)
    while node is not None:
        if isinstance(node, cst.FunctionDef):
            names += [node.name.value] if not names else [f"{node.name.value}.<locals>"]
        elif isinstance(node, cst.ClassDef) and names:
            names.append(node.name.value)
        node = parents.get(node)
    if not names:
        return "<module>"
    return ".".join((*_classes_around(site.segment), *reversed(names)))


def _classes_around(segment: Segment) -> list[str]:
    """The names of the classes around the definition that a segment holds: a method is parsed without its class."""
    row = segment.first_row
    found = [each for each in segment.module.contents.everything if each.parent and each.span.first == row]
    return found[0].qualified_name.split(".")[:-1] if found else []


def is_constructing(site: Site) -> bool:
    """Whether a place is in a constructor, which runs once for each object, or at module level."""
    function = function_around(site)
    return function is None or (isinstance(function, cst.FunctionDef) and function.name.value in _CONSTRUCTORS)


def loop_around(site: Site) -> cst.For | cst.While | None:
    """The innermost loop statement around a place, within its function."""
    return next((node for node in ancestors(site) if isinstance(node, (cst.For, cst.While))), None)


def collections_around(site: Site) -> frozenset[str]:
    """The names in what the loops and comprehensions around a place run over: `articles`."""
    names: set[str] = set()
    for node in ancestors(site):
        inner = getattr(node, "for_in", None)
        while inner is not None:
            names.update(map(last_name, inside(inner.iter)))
            inner = inner.inner_for_in
        if isinstance(node, cst.For):
            names.update(map(last_name, inside(node.iter)))
    return frozenset(names - {""})


def is_repeated(site: Site) -> bool:
    """Whether a loop or a comprehension of its own function repeats what stands at a place."""
    return any(isinstance(node, LOOPS) for node in ancestors(site))


def stands_alone(site: Site) -> bool:
    """Whether a call is a statement of its own, so that its result is dropped."""
    for node in ancestors(site):
        if not isinstance(node, cst.Await):
            return isinstance(node, cst.Expr)
    return False


def argument_site(site: Site, name: str) -> Site:
    """The keyword argument `name` of the call at `site`; the call itself when it does not write it down."""
    for argument in site.node.args if isinstance(site.node, cst.Call) else ():
        if argument.keyword is not None and argument.keyword.value == name:
            return Site(site.segment, argument.value)
    return site


def last_name(node: cst.CSTNode) -> str:
    """`gather` for `asyncio.gather`; empty for anything that is no name."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def pause(site: Site) -> float | None:
    """For how many seconds the loop around a call sleeps between two passes, when the source says it."""
    loop = loop_around(site)
    if loop is None:
        return None
    found = [seconds for node in inside(loop.body) if (seconds := _slept(node)) is not None]
    return max(found, default=None)


def _slept(node: cst.CSTNode) -> float | None:
    if not (isinstance(node, cst.Call) and last_name(node.func) == "sleep" and len(node.args) == 1):
        return None
    value = node.args[0].value
    return _number(value)


def _number(node: cst.BaseExpression) -> float | None:
    if isinstance(node, (cst.Integer, cst.Float)):
        return float(node.evaluated_value)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply):
        left, right = _number(node.left), _number(node.right)
        return left * right if left is not None and right is not None else None
    return None


def inside(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Everything below a node, nested functions left out."""
    stack: list[cst.CSTNode] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, _Function) and node is not root:
            continue
        yield node
        stack.extend(children(node))


def mentions(root: cst.CSTNode, names: frozenset[str]) -> bool:
    """Whether any of the names occurs below a node: as a variable, an attribute, or a text."""
    return any(_word(node) in names for node in inside(root))


def _word(node: cst.CSTNode) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else last_name(node)
