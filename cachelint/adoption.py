"""Writes suppression comments for the findings that a project has, so that it can adopt cachelint as it is."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Mapping

from cachelint.findings import Finding
from cachelint.suppressions import read_suppressions

_LINE_WITH_END = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


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
    lines = _LINE_WITH_END.findall(source)
    present = {suppression.location.row: suppression for suppression in read_suppressions("", source)}
    additions: dict[int, set[str]] = {}
    last_rows = _last_rows(source)
    for row, codes in rows.items():
        additions.setdefault(last_rows.get(row, row), set()).update(codes)
    for row, codes in additions.items():
        line = lines[row - 1]
        text = line.rstrip("\r\n")
        known = present.get(row)
        if known is None or known.whole_file:
            text = f"{text.rstrip()}  # cachelint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
        else:
            listed = ", ".join(sorted(codes.union(known.selectors)))
            start, end = known.location.column - 1, known.location.end_column - 1
            comment = re.sub(r"ignore(\[[^\]]*\])?", f"ignore[{listed}]", text[start:end], count=1)
            text = text[:start] + comment + text[end:]
        lines[row - 1] = text + line[len(line.rstrip("\r\n")) :]
    return "".join(lines)


def _last_rows(source: str) -> dict[int, int]:
    """Row to the row where the string or statement that it belongs to lets a comment stand."""
    last_rows: dict[int, int] = {}
    first_row = 1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            last_rows |= dict.fromkeys(range(first_row, token.start[0] + 1), token.start[0])
            first_row = token.start[0] + 1
    return last_rows
