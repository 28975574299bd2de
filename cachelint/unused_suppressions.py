"""CL901: suppression comments that suppress nothing, with the edit that removes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cachelint.findings import Edit, Finding, Fix, Location
from cachelint.rendering.excerpt import line_at, source_lines
from cachelint.rulebook import Rulebook
from cachelint.suppressions import Applied, Suppression, codes_of

CODE = "CL901"


def unused_suppressions(
    suppressions: Iterable[Suppression], applied: Applied, rules: Rulebook, source: Callable[[str], str]
) -> Iterator[Finding]:
    """A finding per comment of which a selector suppressed nothing."""
    for suppression in suppressions:
        unused = [selector for selector in suppression.selectors if (suppression, selector) not in applied.used]
        if unused or not suppression.selectors:
            yield _finding(suppression, unused, rules, source(suppression.location.filename))


def _finding(suppression: Suppression, unused: list[str], rules: Rulebook, source: str) -> Finding:
    rule = rules.find(CODE)
    assert rule is not None
    return Finding(
        code=CODE,
        name=rule.name,
        severity=rule.severity,
        confidence=rule.confidence,
        message=_message(suppression, unused, rules),
        location=suppression.location,
        advice=rule.help,
        fix=_fix(suppression, unused, source),
        context=line_at(source, suppression.location.row).strip(),
    )


def _message(suppression: Suppression, unused: list[str], rules: Rulebook) -> str:
    comment = "ignore-file" if suppression.whole_file else "ignore"
    if not suppression.selectors:
        return f"`# cachelint: {comment}` names no code and so suppresses nothing: `{comment}[CL101] reason` would."
    listed = ", ".join(f"`{selector}`" for selector in unused)
    unknown = [selector for selector in unused if not codes_of(selector, rules)]
    where = "in this file" if suppression.whole_file else "here"
    if unknown:
        near = rules.nearest(unknown[0])
        return f"{listed} suppresses nothing {where}: there is no such rule" + (f"; `{near}`?" if near else ".")
    return f"{listed} suppresses nothing {where}."


def _fix(suppression: Suppression, unused: list[str], source: str) -> Fix | None:
    """Removes the unused selectors, or the whole comment where none remains."""
    used = [selector for selector in suppression.selectors if selector not in unused]
    if not used:
        return Fix("Remove the comment", (Edit(_with_space(suppression.location, source), ""),), safe=True)
    span = suppression.location
    comment = line_at(source, span.row)[span.column - 1 : span.end_column - 1]
    start, end = comment.index("[") + 1, comment.index("]")
    codes = Location(span.filename, span.row, span.column + start, span.row, span.column + end)
    return Fix("Remove what is unused", (Edit(codes, ", ".join(used)),), safe=True)


def _with_space(comment: Location, source: str) -> Location:
    """The comment with the space that it leaves; a line that holds nothing else goes with its end."""
    line = line_at(source, comment.row)
    before, after = line[: comment.column - 1], line[comment.end_column - 1 :]
    if after.strip():
        space = len(after) - len(after.lstrip())
        return Location(comment.filename, comment.row, comment.column, comment.row, comment.end_column + space)
    if not before.strip() and comment.row < len(source_lines(source)):
        return Location(comment.filename, comment.row, 1, comment.row + 1, 1)
    return Location(comment.filename, comment.row, len(before.rstrip()) + 1, comment.row, comment.end_column)
