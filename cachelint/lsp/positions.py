"""Places in source to places of the protocol, which counts from 0 and in units that the client chooses."""

from __future__ import annotations

import re
from collections.abc import Callable

from lsprotocol.types import Position, PositionEncodingKind, Range

from cachelint.findings import Location
from cachelint.rendering.excerpt import line_at

_LINE_END = re.compile(r"\r\n|\r|\n")

_LENGTHS: dict[str, Callable[[str], int]] = {
    PositionEncodingKind.Utf8: lambda text: len(text.encode("utf-8", "surrogatepass")),
    PositionEncodingKind.Utf16: lambda text: len(text) + sum(1 for character in text if character > "\uffff"),
    PositionEncodingKind.Utf32: len,
}


class Positions:
    """Converts places in one encoding: UTF-16 code units unless the client prefers others."""

    def __init__(self, encoding: str = PositionEncodingKind.Utf16) -> None:
        self._length = _LENGTHS[encoding]

    def range_of(self, location: Location, text: str) -> Range:
        """The range that `location` is in the `text` of its file."""
        return Range(
            self._position(location.row, location.column, text),
            self._position(location.end_row, location.end_column, text),
        )

    def offset(self, text: str, position: Position) -> int:
        """The index of a place in `text`; its end, or that of the line, where the place lies behind it."""
        starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
        if position.line >= len(starts):
            return len(text)
        start = starts[position.line]
        units, index = 0, start
        while index < len(text) and units < position.character and text[index] not in "\r\n":
            units += self._length(text[index])
            index += 1
        return index

    def _position(self, row: int, column: int, text: str) -> Position:
        return Position(row - 1, self._length(line_at(text, row)[: column - 1]))
