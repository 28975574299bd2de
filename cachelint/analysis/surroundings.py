"""What the source says around a call: the loop that repeats it, its pauses, and what starts several at once.

The interpreter knows what a call is given; this looks up the tree from the call to see how it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from cachelint.analysis.syntax import Segment, Site, children

_Function = cst.FunctionDef | cst.Lambda
_LOOPS = (cst.For, cst.While, cst.CompFor, cst.ListComp, cst.GeneratorExp, cst.SetComp, cst.DictComp)
_GATHERING = frozenset(("gather", "as_completed", "wait"))
_STARTING = frozenset(("create_task", "ensure_future", "start_soon", "submit", "run_in_executor", "spawn"))
_MAPPING = frozenset(("map", "imap", "imap_unordered", "starmap", "map_async"))
_CONSTRUCTORS = frozenset(("__init__", "__post_init__", "setup", "_setup"))
_WORKERS = ("pool", "executor", "workers", "threads")


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
            names.update(map(last_name, _inside(inner.iter)))
            inner = inner.inner_for_in
        if isinstance(node, cst.For):
            names.update(map(last_name, _inside(node.iter)))
    return frozenset(names - {""})


def is_repeated(site: Site) -> bool:
    """Whether a loop or a comprehension of its own function repeats what stands at a place."""
    return any(isinstance(node, _LOOPS) for node in ancestors(site))


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
    found = [seconds for node in _inside(loop.body) if (seconds := _slept(node)) is not None]
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


def _inside(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
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
    return any(_word(node) in names for node in _inside(root))


def _word(node: cst.CSTNode) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else last_name(node)


def started_together(site: Site) -> Site | None:
    """Where a call is started beside others like it, without waiting for any: the `gather`, `create_task`, `map` …"""
    repeated = False
    node = site.node
    if isinstance(node, cst.Call) and (last_name(node.func) in _STARTING or last_name(node.func) in _MAPPING):
        return _starting(site, node, False)
    for outer in ancestors(site):
        if isinstance(outer, (cst.Await, cst.FunctionDef, cst.Lambda)):
            return None
        repeated = repeated or isinstance(outer, _LOOPS)
        if isinstance(outer, cst.Call):
            name = last_name(outer.func)
            if name in _GATHERING and repeated:
                return Site(site.segment, outer)
            if name in _STARTING:
                return _starting(site, outer, repeated)
            if name == "append" and (receiver := _receiver(outer)) and is_repeated(site):
                return _gathered_later(site, receiver)
        elif isinstance(outer, cst.Assign) and repeated:
            return _gathered_later(site, last_name(outer.targets[0].target))
    return None


def _starting(site: Site, call: cst.Call, repeated: bool) -> Site | None:
    """A call that starts another one, when it is repeated and nothing waits for each single one."""
    at = Site(site.segment, call)
    if last_name(call.func) in _MAPPING:
        return at if any(word in _receiver(call).lower() for word in _WORKERS) else None
    around = list(ancestors(at))
    if (around and isinstance(around[0], cst.Await)) or not (repeated or is_repeated(at)):
        return None
    if around and isinstance(around[0], cst.Attribute):  # submit(…).result() waits
        return None
    return at


def _receiver(call: cst.Call) -> str:
    return last_name(call.func.value) if isinstance(call.func, cst.Attribute) else ""


def _gathered_later(site: Site, name: str) -> Site | None:
    """The `gather(*name)` of the function, when what is collected under a name is started there."""
    function = function_around(site)
    for node in _inside(function if function is not None else site.segment.tree) if name else ():
        if not isinstance(node, cst.Call) or last_name(node.func) not in _GATHERING:
            continue
        if any(last_name(argument.value) == name for argument in node.args):
            return Site(site.segment, node)
    return None
