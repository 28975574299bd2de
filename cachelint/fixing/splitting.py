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

LINE_LENGTH = 120
"""Columns from which on two blocks do not stand on one line."""

_WHOLE = (cst.FormattedString, cst.Name, cst.Call, cst.Attribute, cst.Subscript)
"""What can stand at the start of the second half as it is."""

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
    second = f'{{"type": "text", "text": {halves.varying}}}'
    addition = whole.after(f"{_separator(whole, second)}{second}")
    return Fix(_MESSAGE, (written.replaced(halves.stable), addition), safe=False)


def _separator(first: Place, second: str) -> str:
    """What stands between two blocks: a line end where the list has its blocks on lines, or the line gets too long."""
    parent = first.around(cst.List)
    if parent is not None and first.at(parent).location.row != first.location.row:
        return f",\n{first.indentation}"
    if first.location.end_column + len(second) + len(first.rest_of_line) > LINE_LENGTH:
        return f",\n{' ' * (first.location.column - 1)}"
    return ", "


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
    if isinstance(node, cst.ConcatenatedString):
        if "#" in _between(node):
            return None
        joint = f"\n{' ' * (text.location.column - 1)}" if "\n" in _between(node) else " "
        return _of_pieces(text, list(_strings(node)), varying, joint, " ")
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        return _of_pieces(text, list(_terms(node)), varying, " + ", " + ")
    return None


def _of_pieces(
    text: Place, pieces: list[cst.BaseExpression], varying: set[cst.CSTNode], joint: str, later_joint: str
) -> Halves | None:
    """Halves of pieces that follow each other: the first that varies is cut itself where it can be."""
    first = next((index for index, piece in enumerate(pieces) if _touches(piece, varying, set())), None)
    if first is None or any(not _touches(each, varying, set()) and not _is_short(each) for each in pieces[first:]):
        return None
    codes = [text.segment.tree.code_for_node(piece) for piece in pieces]
    inside = halves_of(text.at(pieces[first]), varying)
    if inside is not None:
        stable, tail = [*codes[:first], inside.stable], [inside.varying, *codes[first + 1 :]]
    elif first > 0 and isinstance(pieces[first], _WHOLE):
        stable, tail = codes[:first], codes[first:]
    else:
        return None
    return Halves(joint.join(stable), later_joint.join(tail))


def _strings(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.ConcatenatedString):
        yield from _strings(node.left)
        yield from _strings(node.right)
    else:
        yield node


def _between(node: cst.BaseExpression) -> str:
    """The blank text and comments between the pieces of a string."""
    if not isinstance(node, cst.ConcatenatedString):
        return ""
    return cst.Module([]).code_for_node(node.whitespace_between) + _between(node.left) + _between(node.right)


def _terms(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _is_short(term: cst.BaseExpression) -> bool:
    return isinstance(term, cst.SimpleString) and len(term.value) < LONGEST_TAIL


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
    codes = [text.segment.tree.code_for_node(part) for part in parts]
    head = codes[first - 1] if isinstance(parts[first - 1], cst.FormattedStringText) else ""
    cut = _sentence_start(head)
    stable = [*codes[: first - 1], head[:cut] if head else codes[first - 1]]
    if not "".join(stable).strip("\\n \n"):
        return None
    opening, closing = node.start, node.end
    return Halves(_plainest(stable, opening, closing), f"{opening}{head[cut:]}{''.join(codes[first:])}{closing}")


def _sentence_start(head: str) -> int:
    """Where the sentence, or the line, that runs up to the end of `head` begins."""
    found = [head.rfind(mark) + len(mark) for mark in ("\n", "\\n", ". ") if head.rfind(mark) >= 0]
    return max(found, default=0)


def _plainest(parts: list[str], opening: str, closing: str) -> str:
    """The code of a text, without the `f` where nothing is formatted."""
    code = "".join(parts)
    if "{" not in code.replace("{{", "") and "}" not in code.replace("}}", ""):
        return f"{opening.replace('f', '').replace('F', '')}{code.replace('{{', '{').replace('}}', '}')}{closing}"
    return f"{opening}{code}{closing}"
