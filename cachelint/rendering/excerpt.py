"""Excerpts of source: the lines around a place, with a marker under it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from cachelint.findings import Location

_LINE_END = re.compile(r"\r\n|\r|\n")
_TAB = "    "


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of source up to a place, and where on the last of them the place stands."""

    rows: tuple[tuple[int, str], ...]
    """Row number, counted from 1, and text of each line, tabs expanded."""
    indent: int
    """Terminal columns before the place on the last line."""
    length: int
    """Terminal columns of the place on the last line, at least 1."""


def source_lines(text: str) -> list[str]:
    """The lines of `text` as Python's tokenizer counts them: form feeds and U+2028 end none."""
    return _LINE_END.split(text)


def line_at(text: str, row: int) -> str:
    """The line `row`, counted from 1, without its end; empty where `text` has no such line."""
    lines = source_lines(text)
    return lines[row - 1] if 0 < row <= len(lines) else ""


def excerpt(text: str, location: Location, *, before: int = 2, width: int = 100) -> Excerpt | None:
    """The first line of `location` with up to `before` lines before it, clipped to `width` columns.

    None where `text` has no such line. Leading blank lines are left out.
    """
    lines = source_lines(text)
    if not 0 < location.row <= len(lines):
        return None
    first = max(1, location.row - before)
    while first < location.row and not lines[first - 1].strip():
        first += 1
    line = lines[location.row - 1]
    start = min(location.column - 1, len(line))
    end = location.end_column - 1 if location.end_row == location.row else len(line.rstrip())
    indent, length = _columns(line[:start]), max(1, _columns(line[start:end]))
    skip = max(0, min(indent - _columns(_indentation(line)), indent + min(length, width // 2) - width + 2))
    rows = [(row, _clip(lines[row - 1], width, 0)) for row in range(first, location.row)]
    rows.append((location.row, _clip(line, width, skip)))
    return Excerpt(tuple(rows), indent - skip, min(length, width - (indent - skip)))


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _clip(line: str, width: int, skip: int) -> str:
    """`line` without its first `skip` columns and what exceeds `width`; an ellipsis stands for what is missing."""
    shown = line.rstrip().replace("\t", _TAB)
    if skip:
        shown = "…" + _drop_columns(shown, skip + 1)
    if _columns(shown) > width:
        while _columns(shown) > width - 1:
            shown = shown[:-1]
        shown += "…"
    return shown


def _drop_columns(text: str, columns: int) -> str:
    while text and columns > 0:
        columns -= _columns(text[0])
        text = text[1:]
    return text


def _columns(text: str) -> int:
    """Terminal columns that `text` takes: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text) + text.count("\t") * (len(_TAB) - 1)
    return sum(_character_columns(character) for character in text)


def _character_columns(character: str) -> int:
    if character == "\t":
        return len(_TAB)
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
