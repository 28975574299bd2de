"""Jupyter notebooks as Python: the code cells one after another, with shell and magic lines blanked."""

from __future__ import annotations

import json

from cachelint.analysis.newer_syntax import parsed

_MAGIC = ("%", "!", "?")  # the first line of a cell magic, `%%time`, is one too


def notebook_source(raw: bytes) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of all code cells, and for each the row (from 1) at which it starts and its index among all cells.

    Raises:
        UnreadableSource: when the file is no notebook.
    """
    from cachelint.analysis.project import UnreadableSource

    try:
        notebook = json.loads(raw)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableSource("is not a Jupyter notebook of format 4") from None
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    for index, cell in enumerate(cells if isinstance(cells, list) else ()):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        starts.append((len(lines) + 1, index))
        lines.extend(_code(cell.get("source", "")))
    return "\n".join(lines) + "\n", tuple(starts)


def _code(source: object) -> list[str]:
    """The lines of a cell as Python; blank ones for a cell that is none, so that the others can still be read."""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    lines = text.replace("\r\n", "\n").split("\n")
    for candidate in (lines, [_plain(line) for line in lines]):
        try:
            parsed("\n".join(candidate))
        except (SyntaxError, ValueError, RecursionError):
            continue
        return candidate
    return ["" for _ in lines]


def _plain(line: str) -> str:
    """A line that is no Python keeps its indentation and becomes `pass`, so that the block around it stays whole."""
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    if stripped.startswith(_MAGIC) or stripped.endswith("?"):
        return f"{indent}pass"
    return line
