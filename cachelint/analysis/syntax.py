"""Parsing of one statement or definition at a time with libcst, and the positions of its nodes.

A module is never parsed whole: parsing costs about 1.3 s per megabyte, and a slice reaches a small part of it.
Positions are computed for a segment only when something in it is reported, because libcst's position metadata costs
three times the parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from cachelint.analysis.parser_limits import too_much
from cachelint.findings import Location

if TYPE_CHECKING:
    from libcst.metadata import CodeRange

    from cachelint.analysis.project import Module

_WRAPPER = "if True:\n"


_LAYOUT = re.compile(
    r"whitespace|^[lr](?:par|bracket|brace)$|^(?:comma|semicolon|equal|dot|indent|header|footer)$|lines$|_tok"
)
_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes directly below `node`, in order, without those that only lay out the text.

    libcst's own `children` visits all of them, which costs ten times as much.
    """
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(field.name for field in fields(node) if not _LAYOUT.search(field.name))
    found: list[cst.CSTNode] = []
    for name in names:
        value = getattr(node, name)
        if isinstance(value, (list, tuple)):
            found.extend(value)
        elif value is not None and hasattr(value, "with_changes"):
            found.append(value)
    return found


@dataclass(slots=True, eq=False)
class Segment:
    """Consecutive lines of a module, parsed together: a definition or a statement."""

    module: Module
    first_row: int
    tree: cst.Module
    statements: tuple[cst.BaseStatement, ...]
    wrapped: bool
    _positions: dict[cst.CSTNode, CodeRange] | None = field(default=None, repr=False)

    def location(self, node: cst.CSTNode) -> Location:
        """Where `node`, which must belong to this segment, stands in its file."""
        if self._positions is None:
            wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
            self._positions = dict(wrapper.resolve(PositionProvider))
        position = self._positions.get(node)
        if position is None:
            return self.module.location(self.first_row, 0, self.first_row, 1)
        shift = self.first_row - (2 if self.wrapped else 1)
        return self.module.location(
            position.start.line + shift, position.start.column, position.end.line + shift, position.end.column
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the source: a node, and the segment that it belongs to."""

    segment: Segment
    node: cst.CSTNode

    @property
    def location(self) -> Location:
        """The place as rows and columns."""
        return self.segment.location(self.node)

    def __hash__(self) -> int:
        return hash((id(self.segment), id(self.node)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Site) and self.node is other.node and self.segment is other.segment


def parse_segment(module: Module, first_row: int, last_row: int) -> Segment:
    """Parse the rows `first_row` to `last_row` (from 1, inclusive) of a module.

    Raises:
        cst.ParserSyntaxError: when libcst cannot parse them.
        RecursionError: when they are too large for it, or nested too deeply.
    """
    lines = module.lines[first_row - 1 : last_row]
    text = "\n".join(lines) + "\n"
    wrapped = bool(lines) and lines[0][:1] in (" ", "\t")
    text = _WRAPPER + text if wrapped else text
    if too_much(text):
        raise RecursionError
    tree = cst.parse_module(text)
    body = tuple(tree.body)
    if wrapped:
        block = body[0]
        assert isinstance(block, cst.If)
        body = tuple(block.body.body)  # type: ignore[arg-type]
    return Segment(module, first_row, tree, body, wrapped)


def parse_expression(module: Module, row: int, text: str) -> tuple[Segment, cst.BaseExpression] | None:
    """Parse an expression whose position inside its row does not matter; None when it cannot be parsed."""
    try:
        tree = cst.parse_module(f"({text})\n")
    except (cst.ParserSyntaxError, RecursionError):
        return None
    statement = tree.body[0]
    if not isinstance(statement, cst.SimpleStatementLine) or not isinstance(statement.body[0], cst.Expr):
        return None
    return Segment(module, row, tree, (statement,), wrapped=False), statement.body[0].value
