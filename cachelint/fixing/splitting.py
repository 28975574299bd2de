"""CL101 and CL301: a block whose text ends in what varies becomes two, and the marker stays with the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Block
from cachelint.analysis.syntax import Site
from cachelint.findings import Fix
from cachelint.fixing.dicts import siblings, value_of
from cachelint.fixing.place import Place, dotted, walk

LONGEST_TAIL = 300
"""Characters of text behind the first varying part from which on they are worth caching, and a fix is not offered."""

_MESSAGE = "Split the block in front of what varies"


@dataclass(frozen=True, slots=True)
class Halves:
    """The code of a text that is cut in two."""

    stable: str
    varying: str


def split(problem: Problem) -> Fix | None:
    """Unsafe: the model reads the same text, in two blocks."""
    request = problem.request
    block = next((each for each in request.blocks if each.position == problem.position and each.marker), None)
    if block is None or block.marker is None or request.last_breakpoint != request.blocks.index(block):
        return None
    marker = block.marker.site
    if marker is None or not isinstance(marker.node, cst.DictElement) or request.automatic is not None:
        return None
    place = Place.of(marker)
    display = next(place.ancestors(), None)
    text = value_of(display, "text") if isinstance(display, cst.Dict) else None
    if not isinstance(display, cst.Dict) or text is None or not siblings(place.at(display)):
        return None
    return _in_display(place.at(display), display, place.at(text), block)


def _in_display(whole: Place, display: cst.Dict, text: Place, block: Block) -> Fix | None:
    written = text
    if isinstance(text.node, cst.Name):
        assigned = _only_assignment(text)
        if assigned is None:
            return None
        written = assigned
    halves = halves_of(written, _varying_nodes(written, block))
    if halves is None:
        return None
    separator = ", "
    parent = whole.around(cst.List)
    if parent is not None and whole.at(parent).location.row != whole.location.row:
        separator = f",\n{whole.indentation}"
    second = whole.after(f'{separator}{{"type": "text", "text": {halves.varying}}}')
    return Fix(_MESSAGE, (written.replaced(halves.stable), second), safe=False)


def _only_assignment(text: Place) -> Place | None:
    """The value of a local name that is bound once and used once, in this place."""
    assert isinstance(text.node, cst.Name)
    name = text.node.value
    function = text.around(cst.FunctionDef)
    found: Place | None = None
    uses = 0
    for node in walk(function) if function is not None else ():
        if isinstance(node, cst.Name) and node.value == name:
            uses += 1
        if isinstance(node, cst.Assign) and len(node.targets) == 1 and dotted(node.targets[0].target) == name:
            found = text.at(node.value)
    return found if uses == 2 else None


# -- what varies -------------------------------------------------------------------------------------------------------


def _varying_nodes(written: Place, block: Block) -> set[cst.CSTNode]:
    """The nodes of the function that hold something that varies: where it enters, where it passes, and names for it."""
    sites: list[Site] = []
    for variation in block.variations:
        sites += [variation.site, *(step.site for step in variation.steps)]
    nodes = {site.node for site in sites if site.segment is written.segment}
    function = written.around(cst.FunctionDef)
    around = function if function is not None else written.segment.tree
    names: set[str] = set()
    for _ in range(4):
        before = len(names)
        for node in walk(around):
            if isinstance(node, cst.Assign) and node.value is not written.node and _touches(node.value, nodes, names):
                names |= {dotted(target.target) for target in node.targets}
        if len(names) == before:
            break
    names.discard("")
    return nodes | {node for node in walk(around) if isinstance(node, cst.Name) and node.value in names}


def _touches(node: cst.CSTNode, nodes: set[cst.CSTNode], names: set[str]) -> bool:
    return any(inner in nodes or (isinstance(inner, cst.Name) and inner.value in names) for inner in walk(node))


# -- where to cut ------------------------------------------------------------------------------------------------------


def halves_of(text: Place, varying: set[cst.CSTNode]) -> Halves | None:
    """The code of the text before and from its first varying part on; None when it cannot be cut there."""
    node = text.node
    if isinstance(node, cst.FormattedString):
        return _of_formatted(text, node, varying)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add) and not node.lpar:
        return _of_sum(text, node, varying)
    return None


def _of_sum(text: Place, node: cst.BinaryOperation, varying: set[cst.CSTNode]) -> Halves | None:
    terms = list(_terms(node))
    first = next((index for index, term in enumerate(terms) if _touches(term, varying, set())), None)
    if first is None or any(not _touches(term, varying, set()) and not _is_short(term) for term in terms[first:]):
        return None
    codes = [_code(text, term) for term in terms]
    inside = halves_of(text.at(terms[first]), varying)
    if inside is not None:
        return Halves(" + ".join([*codes[:first], inside.stable]), " + ".join([inside.varying, *codes[first + 1 :]]))
    if first == 0 or not isinstance(
        terms[first], (cst.FormattedString, cst.Name, cst.Call, cst.Attribute, cst.Subscript)
    ):
        return None
    return Halves(" + ".join(codes[:first]), " + ".join(codes[first:]))


def _terms(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add) and not node.lpar:
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _is_short(term: cst.BaseExpression) -> bool:
    return isinstance(term, cst.SimpleString) and len(term.value) < LONGEST_TAIL


def _code(text: Place, node: cst.BaseExpression) -> str:
    return text.segment.tree.code_for_node(node)


def _of_formatted(text: Place, node: cst.FormattedString, varying: set[cst.CSTNode]) -> Halves | None:
    parts = list(node.parts)
    first = next((index for index, part in enumerate(parts) if _touches(part, varying, set())), None)
    if not first or node.lpar or "r" in node.prefix.lower():
        return None
    tail = parts[first:]
    if any(isinstance(part, cst.FormattedStringExpression) and not _touches(part, varying, set()) for part in tail):
        return None
    if sum(len(part.value) for part in tail if isinstance(part, cst.FormattedStringText)) > LONGEST_TAIL:
        return None
    codes = [_part_code(text, part) for part in parts]
    head = codes[first - 1] if isinstance(parts[first - 1], cst.FormattedStringText) else ""
    cut = _sentence_start(head)
    stable = [*codes[: first - 1], head[:cut] if head else codes[first - 1]]
    if not "".join(stable).strip("\\n \n"):
        return None
    opening, closing = node.start, node.end
    return Halves(_plainest(stable, opening, closing), f"{opening}{head[cut:]}{''.join(codes[first:])}{closing}")


def _part_code(text: Place, part: cst.BaseFormattedStringContent) -> str:
    return text.segment.tree.code_for_node(part)


def _sentence_start(head: str) -> int:
    """Where the sentence, or the line, that runs up to the end of `head` begins."""
    found = [head.rfind(mark) + len(mark) for mark in ("\n", "\\n", ". ") if head.rfind(mark) >= 0]
    return max(found, default=0)


def _plainest(parts: list[str], opening: str, closing: str) -> str:
    """The code of a text: without the `f` where nothing is formatted, and without the string around a single name."""
    code = "".join(parts)
    if "{" not in code.replace("{{", "") and "}" not in code.replace("}}", ""):
        return f"{opening.replace('f', '').replace('F', '')}{code.replace('{{', '{').replace('}}', '}')}{closing}"
    return f"{opening}{code}{closing}"
