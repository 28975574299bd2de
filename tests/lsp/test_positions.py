"""Places of the protocol: lines end where Python's do, columns are counted in the units that the client asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind

from cachelint.findings import Location
from cachelint.lsp.positions import Positions

LINE = "título = '🏕 tents'"


@pytest.mark.parametrize(
    ("encoding", "column"),
    [(PositionEncodingKind.Utf8, 15), (PositionEncodingKind.Utf16, 12), (PositionEncodingKind.Utf32, 11)],
)
def test_columns_are_counted_in_the_units_of_the_client(encoding: PositionEncodingKind, column: int) -> None:
    column_of_tents = LINE.index(" tents") + 1
    span = Positions(encoding).range_of(Location("app.py", 2, column_of_tents, 2, column_of_tents + 6), f"\n{LINE}\n")
    assert span.start == Position(1, column)


@given(st.text(alphabet="a🏕é\r\n\f\u2028", max_size=40), st.data(), st.sampled_from(list(PositionEncodingKind)))
def test_a_place_and_back(text: str, data: st.DataObject, encoding: PositionEncodingKind) -> None:
    index = data.draw(st.integers(0, len(text)))
    if text[index - 1 : index + 1] == "\r\n":
        index -= 1  # between the two there is no place
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    row, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    positions = Positions(encoding)
    place = positions.range_of(Location("app.py", row, column, row, column), text).start
    assert positions.offset(text, place) == index


def test_places_behind_a_line_or_a_text_are_its_end() -> None:
    assert Positions().offset("ab\ncd", Position(0, 99)) == 2
    assert Positions().offset("ab\ncd", Position(9, 0)) == 5
