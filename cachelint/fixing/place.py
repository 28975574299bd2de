"""A place in the syntax tree of a segment: what is around it, its text, and edits of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

import libcst as cst

from cachelint.analysis.syntax import Segment, Site, children
from cachelint.findings import Edit, Location


class Place:
    """A node together with its ancestors."""

    __slots__ = ("_parents", "node", "segment")

    def __init__(self, segment: Segment, node: cst.CSTNode) -> None:
        self.segment = segment
        self.node = node
        self._parents = _parents(segment)

    @classmethod
    def of(cls, site: Site) -> Place:
        """The place that a site names."""
        return cls(site.segment, site.node)

    def at(self, node: cst.CSTNode) -> Place:
        """Another node of the same segment."""
        return Place(self.segment, node)

    @property
    def source(self) -> str:
        """The text of the whole module."""
        return self.segment.module.source

    @property
    def location(self) -> Location:
        """Where the node stands, without parentheses around it."""
        return self.segment.location(self.node)

    @property
    def text(self) -> str:
        """The node as written, without parentheses around it."""
        span = self.location
        first = self.segment.module.row_in_file(span)
        lines = self.segment.module.lines[first - 1 : first + span.end_row - span.row]
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)

    @property
    def indentation(self) -> str:
        """The blank text at the start of the line that the node starts on."""
        line = self._line(0)
        return line[: len(line) - len(line.lstrip())]

    @property
    def starts_line(self) -> bool:
        """Whether nothing stands before it on its line."""
        return not self._line(0)[: self.location.column - 1].strip()

    @property
    def rest_of_line(self) -> str:
        """What follows it on the line that it ends on."""
        span = self.location
        return self._line(span.end_row - span.row)[span.end_column - 1 :]

    def _line(self, further: int) -> str:
        """The line that it starts on, or one further down."""
        module = self.segment.module
        return module.lines[module.row_in_file(self.location) - 1 + further]

    def ancestors(self) -> Iterator[cst.CSTNode]:
        """The nodes around it, innermost first."""
        node = self._parents.get(self.node)
        while node is not None:
            yield node
            node = self._parents.get(node)

    def around(self, *kinds: type[cst.CSTNode]) -> cst.CSTNode | None:
        """The innermost node of one of `kinds` around it."""
        return next((node for node in self.ancestors() if isinstance(node, kinds)), None)

    def outermost(self, kind: type[cst.CSTNode]) -> cst.CSTNode | None:
        """The outermost node of a kind around it."""
        return next((node for node in reversed(list(self.ancestors())) if isinstance(node, kind)), None)

    def contains(self, other: Place) -> bool:
        """Whether another place lies in it, or is the same."""
        return other.segment is self.segment and (
            other.node is self.node or any(node is self.node for node in other.ancestors())
        )

    # -- edits -------------------------------------------------------------------------------------------------------

    def replaced(self, content: str) -> Edit:
        """The node replaced."""
        return Edit(self.location, content)

    def before(self, content: str) -> Edit:
        """Text in front of the node."""
        span = self.location
        return Edit(Location(span.filename, span.row, span.column, span.row, span.column), content)

    def after(self, content: str) -> Edit:
        """Text behind the node."""
        span = self.location
        return Edit(Location(span.filename, span.end_row, span.end_column, span.end_row, span.end_column), content)

    def end_of_line(self, content: str) -> Edit:
        """Text behind everything on the line that the node ends on."""
        span = self.location
        column = span.end_column + len(self.rest_of_line)
        return Edit(Location(span.filename, span.end_row, column, span.end_row, column), content)

    def wrapped(self, opening: str, closing: str) -> tuple[Edit, ...]:
        """The node inside a call."""
        return self.before(opening), self.after(closing)


@functools.lru_cache(maxsize=16)
def _parents(segment: Segment) -> Mapping[cst.CSTNode, cst.CSTNode]:
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    stack: list[cst.CSTNode] = [segment.tree]
    while stack:
        node = stack.pop()
        for child in children(node):
            found[child] = node
            stack.append(child)
    return found


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and everything below it, in the order of the source."""
    stack = [node]
    while stack:
        inner = stack.pop()
        yield inner
        stack.extend(reversed(children(inner)))


def dotted(node: cst.CSTNode) -> str:
    """`os.path.join` for a name with attributes; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


def last_name(node: cst.CSTNode) -> str:
    """The name of a callee without its receiver: `sample` for `frame.head().sample`."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def imports(source: str, module: str) -> bool:
    """Whether a module's text imports `module`, or something from it."""
    return (
        re.search(rf"^\s*(import\s[^\n#]*\b{module}\b|from\s+{module}[\w.]*\s+import)", source, re.MULTILINE)
        is not None
    )


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """The keyword argument of that name."""
    return next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def spreads(call: cst.Call) -> bool:
    """Whether arguments are passed with `*` or `**`."""
    return any(arg.star for arg in call.args)


def with_argument(place: Place, call: cst.Call, argument: str) -> tuple[Edit, ...]:
    """The call with one more argument behind its others; nothing where that would need parentheses."""
    if not call.args:
        text = place.at(call).text
        return (place.at(call).replaced(f"{text[:-1]}{argument})"),) if text.endswith("()") else ()
    last = call.args[-1].value
    if last.lpar or (isinstance(last, cst.GeneratorExp) and len(call.args) == 1):
        return ()
    return (place.at(last).after(f", {argument}"),)
