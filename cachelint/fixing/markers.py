"""CL502, CL504, CL505 and CL602: breakpoints moved to where they pay, mended, and added."""

from __future__ import annotations

import re

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.constancy import static
from cachelint.findings import Edit, Fix
from cachelint.fixing.dicts import MARKER, element_of, siblings, value_of, with_element, without_element
from cachelint.fixing.place import Place, dotted, keyword

KEY = "cache_control"
_HOUR = re.compile(r"""^['"]?\s*(1\s*(hr|hour|hours|H)|60\s*(m|min|minutes)|3600\s*s?|one hour)\s*['"]?$""")
_FIVE_MINUTES = re.compile(r"""^['"]?\s*(5\s*(min|mins|minutes|M)|300\s*s?|five minutes)\s*['"]?$""")
_POSITION = re.compile(r"\[(\d+)\]$")


def mend_value(problem: Problem) -> Fix | None:
    """CL504, safe: a lifetime that can mean one thing only, a type that does not exist, a namespace that is gone."""
    place = Place.of(problem.site)
    if isinstance(place.node, cst.Call):
        return _old_namespace(place, place.node)
    display = place.node.value if isinstance(place.node, cst.DictElement) else place.node
    if not isinstance(display, cst.Dict):
        return None
    kind, lifetime = value_of(display, "type"), value_of(display, "ttl")
    if isinstance(kind, cst.SimpleString) and kind.evaluated_value != "ephemeral":
        return Fix("Write the only type there is", (place.at(kind).replaced('"ephemeral"'),), safe=True)
    written = place.at(lifetime).text if lifetime is not None else ""
    meant = "1h" if _HOUR.match(written) else "5m" if _FIVE_MINUTES.match(written) else None
    if lifetime is None or meant is None:
        return None
    return Fix("Write the lifetime as the API reads it", (place.at(lifetime).replaced(f'"{meant}"'),), safe=True)


def _old_namespace(place: Place, call: cst.Call) -> Fix | None:
    """`client.beta.prompt_caching.messages` is `client.messages` now."""
    for node in _owners(call.func):
        if isinstance(node, cst.Attribute) and node.attr.value == "prompt_caching":
            beta = node.value
            if isinstance(beta, cst.Attribute) and beta.attr.value == "beta":
                edit = place.at(node).replaced(place.at(beta.value).text)
                return Fix("Call `messages` on the client itself", (edit,), safe=True)
    return None


def _owners(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    found = [node]
    while isinstance(node, cst.Attribute):
        node = node.value
        found.append(node)
    return found


def move_before_varying(problem: Problem) -> Fix | None:
    """CL502, unsafe: the marker goes to the block in front of the first one that varies."""
    index = _POSITION.search(problem.position or "")
    if index is None or problem.position is None:
        return None
    around = problem.position[: index.start()]
    neighbours = [block for block in problem.request.blocks if _POSITION.sub("", block.position) == around]
    first = next((number for number, block in enumerate(neighbours) if not static(block)), 0)
    return _moved(Place.of(problem.site), first - 1)


def move_behind_static(problem: Problem) -> Fix | None:
    """CL505, unsafe: the marker goes to the last block that never changes."""
    place = Place.of(problem.site)
    request = problem.request
    if isinstance(place.node, cst.DictElement):
        block = next((each for each in request.blocks if each.marker and each.marker.site == problem.site), None)
        if block is None:
            return None
        tier = request.tier(block.tier)
        last = tier.index(block)
        while last + 1 < len(tier) and (block.tier == "tools" or static(tier[last + 1])):
            last += 1
        return _moved(place, last)
    call = Place.of(request.call.site)
    return _marked_system(call, "Mark the system prompt as well")


def _moved(place: Place, index: int) -> Fix | None:
    """The marker taken from its dict and put into the dict at `index` of the same list."""
    element = place.node
    origin = next(place.ancestors(), None)
    if not isinstance(element, cst.DictElement) or not isinstance(origin, cst.Dict):
        return None
    blocks = siblings(place.at(origin))
    if not 0 <= index < len(blocks):
        return None
    target = blocks[index]
    if not isinstance(target, cst.Dict) or target is origin or element_of(target, KEY) is not None:
        return None
    removed = without_element(place, origin, element)
    added = with_element(place, target, KEY, place.at(element.value).text)
    if not removed or not added:
        return None
    return Fix("Move the marker to the last block that is the same each time", (*removed, *added), safe=False)


def add(problem: Problem) -> Fix | None:
    """CL602, unsafe: the first request becomes a quarter dearer."""
    place = Place.of(problem.request.call.site)
    tiers = {block.tier for block in problem.request.blocks}
    if any(block.position == problem.position and block.exact_length is None for block in problem.request.blocks):
        return None  # only the start of that block never changes
    if "system" in tiers:
        return _marked_system(place, "Cache tools and system prompt")
    call = place.node
    tools = keyword(call, "tools") if isinstance(call, cst.Call) else None
    edits = _marked_list(place, tools.value) if tools is not None else ()
    return Fix("Cache the tools", edits, safe=False) if edits else None


def _marked_system(place: Place, message: str) -> Fix | None:
    """The `system` argument of a call with a marker on its last block."""
    call = place.node
    argument = keyword(call, "system") if isinstance(call, cst.Call) else None
    if argument is None:
        return None
    value = argument.value
    if isinstance(value, cst.List):
        edits = _marked_list(place, value)
    elif _is_text(place, value):
        opening, closing = '[{"type": "text", "text": ', f', "{KEY}": {MARKER}}}]'
        edits = place.at(value).wrapped(opening, closing) if not value.lpar else ()
    else:
        return None
    return Fix(message, edits, safe=False) if edits else None


def _is_text(place: Place, node: cst.BaseExpression) -> bool:
    """Whether an expression is a string: as a literal, or by the literal that a name stands for."""
    if isinstance(node, cst.BinaryOperation):
        return _is_text(place, node.left) or _is_text(place, node.right)
    if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return True
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Attribute) and node.func.attr.value in (
            "read_text",
            "read",
            "format",
            "join",
            "strip",
        )
    if not isinstance(node, cst.Name):
        return False
    module = place.segment.module
    spans = module.contents.bindings.get(node.value, ())
    segment = module.segment(spans[0]) if len(spans) == 1 else None
    statement = segment.statements[0] if segment is not None and len(segment.statements) == 1 else None
    if not isinstance(statement, cst.SimpleStatementLine) or not isinstance(statement.body[0], cst.Assign):
        return False
    assignment = statement.body[0]
    return dotted(assignment.targets[0].target) == node.value and _is_text(place, assignment.value)


def _marked_list(place: Place, node: cst.BaseExpression) -> tuple[Edit, ...]:
    """A list display with a marker on its last element."""
    last = node.elements[-1].value if isinstance(node, cst.List) and node.elements else None
    if not isinstance(last, cst.Dict) or element_of(last, KEY) is not None:
        return ()
    return with_element(place, last, KEY, MARKER)
