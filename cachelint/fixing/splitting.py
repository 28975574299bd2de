"""CL101 and CL301: a block whose text ends in what varies becomes two, and the marker stays with the first."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Block
from cachelint.analysis.syntax import Site
from cachelint.findings import Fix
from cachelint.fixing.dicts import siblings, value_of
from cachelint.fixing.halves import halves_of, touches
from cachelint.fixing.place import Place, dotted, walk

LINE_LENGTH = 120
"""Columns from which on two blocks do not stand on one line."""

_MESSAGE = "Split the block in front of what varies"


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
    return _in_display(place.at(display), place.at(text), block)


def _in_display(whole: Place, text: Place, block: Block) -> Fix | None:
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
            if isinstance(node, cst.Assign) and node.value is not written.node and touches(node.value, nodes, names):
                names |= {dotted(target.target) for target in node.targets}
        if len(names) == before:
            break
    names.discard("")
    return nodes | {node for node in walk(around) if isinstance(node, cst.Name) and node.value in names}
