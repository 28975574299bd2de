"""The code of a text cut in two: in front of its first varying part, at the start of a sentence or a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from cachelint.fixing.place import Place, walk

LONGEST_TAIL = 300
"""Characters of text behind the first varying part from which on they are worth caching, and a fix is not offered."""

_WHOLE = (cst.FormattedString, cst.Name, cst.Call, cst.Attribute, cst.Subscript)
"""What can stand at the start of the second half as it is."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The code of a text that is cut in two."""

    stable: str
    varying: str


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
    first = next((index for index, piece in enumerate(pieces) if touches(piece, varying)), None)
    if first is None or any(not touches(each, varying) and not _is_short(each) for each in pieces[first:]):
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
    first = next((index for index, part in enumerate(parts) if touches(part, varying)), None)
    if not first or node.lpar or "r" in node.prefix.lower():
        return None
    tail = parts[first:]
    if any(isinstance(part, cst.FormattedStringExpression) and not touches(part, varying) for part in tail):
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


def touches(node: cst.CSTNode, nodes: set[cst.CSTNode], names: frozenset[str] | set[str] = frozenset()) -> bool:
    """Whether one of `nodes`, or one of `names`, stands in an expression."""
    return any(inner in nodes or (isinstance(inner, cst.Name) and inner.value in names) for inner in walk(node))
