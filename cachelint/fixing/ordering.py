"""CL201, CL203 and CL204: `sorted(...)` where an order that varies is first looked at."""

from __future__ import annotations

import re

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.findings import Edit, Fix
from cachelint.fixing.elements import are_strings
from cachelint.fixing.names import binding, parameter, uses
from cachelint.fixing.place import Place, imports, last_name

_CONSUMERS = frozenset(("list", "tuple", "iter", "enumerate", "next", "join", "fromkeys", "extend"))
_APPLIED = frozenset(("map", "filter"))
_SET_OPERATIONS = re.compile(r"\.(union|intersection|difference|symmetric_difference|copy)$")
_NAMED = r"\b(list_tools|get_tools|load_mcp_tools|entry_points|iter_entry_points)$"
_RAGGED = re.compile(r"\b(walk|fwalk|distributions|ls)$")
"""What yields tuples of lists, each with an order of its own, or objects that nothing sorts by."""


def sort_set(problem: Problem) -> Fix | None:
    """Safe where the elements are strings; else by `str`, unsafe."""
    place, source = _consumed(problem), _source(problem)
    if source is None:
        return None
    if place is None:
        place = _handed_over(source) if problem.variation is not None and problem.variation.steps else None
        edits = _sorted(place, None if are_strings(source, source.node) else "str") if place is not None else ()
        return Fix("Sort the set before it is passed on", edits, safe=False) if edits else None
    if _is_joined(place) or _holds_strings(place, source):
        return Fix("Sort the set where it becomes a sequence", _sorted(place), safe=_is_certain(place, source))
    return Fix("Sort the set by the text of its elements", _sorted(place, "str"), safe=False)


def _holds_strings(place: Place, source: Place) -> bool:
    """Whether what is iterated holds strings; a set of another module is judged by how it is written there."""
    return are_strings(place, place.node) or (
        place.segment.module is not source.segment.module and are_strings(source, source.node)
    )


def sort_listing(problem: Problem) -> Fix | None:
    """Safe: a listing has no order to lose."""
    place, source = _consumed(problem), _source(problem)
    callee = source.node.func if source is not None and isinstance(source.node, cst.Call) else None
    name = last_name(callee) if callee is not None else ""
    if place is None or source is None or _RAGGED.search(name) or _is_grouped(source.node):
        return None
    by_name = name in ("scandir", "entry_points", "iter_entry_points") or _is_resource(source, callee)
    key = "lambda entry: entry.name" if by_name else None
    return Fix("Sort what the folder holds", _sorted(place, key), safe=_is_certain(place, source))


def _is_resource(source: Place, callee: cst.CSTNode | None) -> bool:
    """Whether a method belongs to a folder of `importlib.resources`, whose entries need not compare."""
    if not isinstance(callee, cst.Attribute):
        return False
    owner = source.at(callee.value).text
    bound = re.search(rf"^\s*{re.escape(owner)}\s*=(.*)$", source.source, re.MULTILINE)
    return re.search(r"\bfiles\(", bound.group(1) if bound is not None else owner) is not None


def _is_grouped(node: cst.CSTNode) -> bool:
    """Whether a call returns entry points by group, which before Python 3.12 is a dict."""
    return isinstance(node, cst.Call) and last_name(node.func) == "entry_points" and not node.args


def sort_tools(problem: Problem) -> Fix | None:
    """Safe as long as no tool carries a marker, which has to stay on the last one."""
    place, source = _consumed(problem), _source(problem)
    if place is None or source is None:
        return None
    if any(block.marker is not None for block in problem.request.tier("tools")):
        return None
    name = last_name(source.node.func) if isinstance(source.node, cst.Call) else ""
    if name == "get_tools" and not imports(source.source, "langchain_mcp_adapters"):
        return None
    if re.search(_NAMED, name):
        key = "lambda tool: tool.name"
    elif name == "__subclasses__":
        key = "lambda kind: kind.__qualname__"
    else:
        return None
    return Fix("Sort the tools by name", _sorted(place, key), safe=_is_certain(place, source))


def _source(problem: Problem) -> Place | None:
    return Place.of(problem.variation.site) if problem.variation is not None else None


def _is_certain(place: Place, source: Place) -> bool:
    """Whether what is iterated can be nothing but what the source yields: it stands there, or has one name only."""
    node = place.node
    while isinstance(node, cst.Attribute):
        node = node.value
    if place.contains(source):
        return True
    bound = binding(place, node.value) if isinstance(node, cst.Name) else None
    return bound is not None and bound.contains(source)


def _consumed(problem: Problem) -> Place | None:
    """The expression that is iterated first; None where that is not seen, or where the result is a set again."""
    variation = problem.variation
    if variation is None or not variation.steps:
        return None
    place = Place.of(variation.steps[0].site)
    node = place.node
    if isinstance(node, cst.FormattedString):
        return None
    if isinstance(node, cst.AugAssign):
        return _shared(place.at(node.value)) if isinstance(node.operator, cst.AddAssign) else None
    if not isinstance(node, cst.Call) or node is variation.site.node:
        return _shared(place) if isinstance(node, cst.BaseExpression) and _is_iterated(place) else None
    if _SET_OPERATIONS.search(place.at(node.func).text):
        return None
    return _shared(_argument(place, node))


def _shared(place: Place | None) -> Place | None:
    """The place, unless it is a parameter: other callers may pass a list there, whose order they mean."""
    if place is not None and isinstance(place.node, cst.Name) and parameter(place, place.node.value) is not None:
        return None
    return place


def _handed_over(source: Place) -> Place | None:
    """Where a set is given to a function of the program, when it is used for nothing else than that and for looking."""
    parents = list(source.ancestors())
    if isinstance(parents[0], cst.Arg):
        return source if _is_passed(source) else None
    target = parents[0].targets[0].target if isinstance(parents[0], cst.Assign) else None
    passed = [use for use in uses(source, target.value) if _is_passed(use)] if isinstance(target, cst.Name) else []
    return passed[0] if len(passed) == 1 else None


def _is_passed(place: Place) -> bool:
    """Whether a place is an argument of a function that the module defines or imports."""
    call, parent = place.around(cst.Call), next(place.ancestors(), None)
    if not isinstance(call, cst.Call) or not isinstance(parent, cst.Arg) or parent.star:
        return False
    known = place.segment.module.contents
    return isinstance(call.func, cst.Name) and (call.func.value in known.functions or call.func.value in known.imports)


def _is_iterated(place: Place) -> bool:
    """Whether it stands behind the `in` of a loop or comprehension, behind a star, or inside what makes a sequence."""
    parent = next(place.ancestors(), None)
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is place.node
    if isinstance(parent, cst.Arg):
        call = place.at(parent).around(cst.Call)
        return bool(parent.star == "*") or (isinstance(call, cst.Call) and last_name(call.func) in _CONSUMERS)
    return isinstance(parent, cst.StarredElement)


def _argument(place: Place, call: cst.Call) -> Place | None:
    """The only argument of a call that makes a sequence or a text of it, or what `map` and `filter` go through."""
    if last_name(call.func) in _APPLIED and len(call.args) == 2 and not any(arg.star for arg in call.args):
        return place.at(call.args[1].value)
    if last_name(call.func) not in _CONSUMERS or len(call.args) != 1 or call.args[0].star or call.args[0].keyword:
        return None
    argument = call.args[0].value
    if isinstance(argument, cst.Call) and last_name(argument.func) in ("iter", "list", "tuple", "enumerate"):
        return _argument(place, argument)
    return place.at(argument)


def _is_joined(place: Place) -> bool:
    """Whether the elements become one text by `join`, which takes nothing but strings."""
    parent = next(place.ancestors(), None)
    call = place.around(cst.Call)
    return isinstance(parent, cst.Arg) and isinstance(call, cst.Call) and last_name(call.func) == "join"


def _sorted(place: Place, key: str | None = None) -> tuple[Edit, ...]:
    closing = f", key={key})" if key else ")"
    listing = _list_of(place)
    if listing is not None:
        # sorted() returns a list already
        return (place.at(listing.func).replaced("sorted"), *((place.after(closing[:-1]),) if key else ()))
    if isinstance(place.node, cst.GeneratorExp) and not place.node.lpar and key:
        return place.wrapped("sorted((", f"){closing}")
    return place.wrapped("sorted(", closing)


def _list_of(place: Place) -> cst.Call | None:
    """The call `list(...)` whose only argument the place is."""
    call, parent = place.around(cst.Call), next(place.ancestors(), None)
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "list":
        return call if len(call.args) == 1 and call.args[0] is parent else None
    return None
