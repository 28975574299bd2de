"""Writes suppression comments for the findings that a project has, so that it can adopt cachelint as it is."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Mapping

from cachelint.findings import Finding
from cachelint.suppressions import Suppression, read_suppressions

_LINE_WITH_END = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CODES = re.compile(r"ignore(\[[^\]]*\])?")


def comments_to_add(findings: Iterable[Finding]) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """Filename to row to the codes that a comment at the end of that row has to name, sorted.

    Notebooks are left out: their rows are not rows of the file.
    """
    wanted: dict[str, dict[int, set[str]]] = {}
    for finding in findings:
        location = finding.location
        if "#cell" not in location.filename:
            wanted.setdefault(location.filename, {}).setdefault(location.row, set()).add(finding.code)
    return {
        filename: {row: tuple(sorted(codes)) for row, codes in sorted(rows.items())}
        for filename, rows in wanted.items()
    }


def with_comments(source: str, rows: Mapping[int, tuple[str, ...]], reason: str) -> str:
    """`source` with a suppression of the given codes on each of `rows`; line endings stay.

    A comment goes to the end of the row, or of the row where a string or statement that continues past it ends. One
    that stands there already gets the codes added.
    """
    present = {known.location.row: known for known in read_suppressions("", source) if not known.whole_file}
    last_rows = _last_rows(source)
    additions: dict[int, set[str]] = {}
    for row, codes in rows.items():
        additions.setdefault(last_rows.get(row, row), set()).update(codes)
    lines = _LINE_WITH_END.findall(source)
    for row, added in additions.items():
        text = lines[row - 1].rstrip("\r\n")
        end = lines[row - 1][len(text) :]
        lines[row - 1] = _commented(text, added, reason, present.get(row)) + end
    return "".join(lines)


def _commented(line: str, codes: set[str], reason: str, present: Suppression | None) -> str:
    if present is None:
        return f"{line.rstrip()}  # cachelint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
    listed = ", ".join(sorted(codes.union(present.selectors)))
    start, end = present.location.column - 1, present.location.end_column - 1
    return line[:start] + _CODES.sub(f"ignore[{listed}]", line[start:end], count=1) + line[end:]


def _last_rows(source: str) -> dict[int, int]:
    """Row to the row where the string or statement that it belongs to lets a comment stand."""
    last_rows: dict[int, int] = {}
    first_row = 1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            last_rows |= dict.fromkeys(range(first_row, token.start[0] + 1), token.start[0])
            first_row = token.start[0] + 1
    return last_rows
