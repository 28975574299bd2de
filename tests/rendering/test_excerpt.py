"""Excerpts: what is shown of the source, and where the marker goes under it."""

from __future__ import annotations

from cachelint.findings import Location
from cachelint.rendering.excerpt import excerpt, source_lines


def picture(source: str, location: Location, width: int = 100) -> str:
    """The excerpt with its marker, as the formats draw it."""
    shown = excerpt(source, location, width=width)
    assert shown is not None
    return "\n".join((*(line for _, line in shown.rows), " " * shown.indent + "^" * shown.length))


def span(row: int, column: int, end_column: int, end_row: int | None = None) -> Location:
    return Location("app.py", row, column, end_row or row, end_column)


def test_the_line_with_two_before_it() -> None:
    assert picture("a\nb\nc\nnow()\nd\n", span(4, 1, 6)) == "b\nc\nnow()\n^^^^^"


def test_leading_blank_lines_are_left_out() -> None:
    assert picture("a\n\n\nnow()\n", span(4, 1, 6)) == "now()\n^^^^^"


def test_tabs_and_wide_characters_take_their_columns() -> None:
    assert picture("\tx = '時' + now()\n", span(1, 12, 17)) == "    x = '時' + now()\n               ^^^^^"


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert picture("x = f(  \n  1)\n", span(1, 5, 4, end_row=2)) == "x = f(\n    ^^"


def test_a_long_line_is_clipped_at_its_end() -> None:
    assert picture(f"now() + {'x' * 100}\n", span(1, 1, 6), width=20) == "now() + xxxxxxxxxxx…\n^^^^^"


def test_a_place_far_to_the_right_is_moved_into_view() -> None:
    assert (
        picture(f"{'x' * 100} + now() + 1\n", span(1, 104, 109), width=20) == "…xxxxxxxxx + now() …\n             ^^^^^"
    )


def test_a_row_that_does_not_exist_has_no_excerpt() -> None:
    assert excerpt("a\n", span(3, 1, 2)) is None
    assert excerpt("", span(2, 1, 2)) is None


def test_lines_are_those_of_the_tokenizer() -> None:
    assert source_lines("a\x0cb\r\nc\u2028d\re") == ["a\x0cb", "c\u2028d", "e"]
