"""Jupyter notebooks as Python: the code cells one after another, with shell and magic lines blanked."""

from __future__ import annotations

import json

_MAGIC = ("%", "!", "?")


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
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and lines[0].lstrip().startswith("%%") and not lines[0].lstrip().startswith(("%%time", "%%capture")):
        return ["" for _ in lines]
    return [_plain(line) for line in lines]


def _plain(line: str) -> str:
    """A line that is no Python keeps its indentation and becomes `pass`, so that the block around it stays whole."""
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    if stripped.startswith(_MAGIC) or stripped.endswith("?"):
        return f"{indent}pass"
    return line
