"""Edits of texts: each at its place, none twice, and a fix as a whole or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cachelint.findings import Confidence, Edit, Finding, Fix, Location, Severity
from cachelint.fixing.editing import apply_fixes, edited, is_in_notebook


def span(row: int, column: int, end_row: int, end_column: int, filename: str = "app.py") -> Location:
    return Location(filename, row, column, end_row, end_column)


def finding(*edits: Edit, safe: bool = True) -> Finding:
    place = edits[0].location
    return Finding("CL201", "x", Severity.WARNING, Confidence.HIGH, str(edits), place, fix=Fix("Sort", edits, safe))


def test_a_span_is_replaced() -> None:
    assert edited("a = {1}\nb = 2\n", [Edit(span(1, 5, 1, 8), "[1]")]) == "a = [1]\nb = 2\n"


def test_a_span_may_run_over_lines_and_an_edit_may_insert() -> None:
    text = "f(\n    x,\n)\ny\n"
    assert edited(text, [Edit(span(1, 3, 3, 1), "x"), Edit(span(4, 1, 4, 1), "print(")]) == "f(x)\nprint(y\n"


def test_new_lines_end_as_the_others_do() -> None:
    assert edited("a\r\nb\r\n", [Edit(span(1, 2, 1, 2), "\nc")]) == "a\r\nc\r\nb\r\n"


def test_form_feeds_and_line_separators_do_not_end_a_line() -> None:
    assert edited("a\x0c = '\u2028'\nb", [Edit(span(2, 1, 2, 2), "c")]) == "a\x0c = '\u2028'\nc"


def test_two_fixes_on_one_place_are_not_applied_together() -> None:
    first, second = finding(Edit(span(1, 1, 1, 4), "x")), finding(Edit(span(1, 3, 1, 6), "y"))
    fixed = apply_fixes({"app.py": "abcdefg\n"}, [first, second])
    assert fixed.texts == {"app.py": "xdefg\n"}
    assert (fixed.applied, fixed.postponed) == ((first,), (second,))


def test_an_insertion_at_either_end_of_another_span_does_not_collide() -> None:
    outer = finding(Edit(span(1, 1, 1, 1), "sorted("), Edit(span(1, 4, 1, 4), ")"))
    inner = finding(Edit(span(1, 2, 1, 3), "B"))
    assert apply_fixes({"app.py": "abc\n"}, [outer, inner]).texts == {"app.py": "sorted(aBc)\n"}


def test_a_fix_over_two_files_is_applied_to_both_or_to_none() -> None:
    fix = finding(Edit(span(1, 1, 1, 2), "x"), Edit(span(1, 1, 1, 2, "other.py"), "y"))
    assert apply_fixes({"app.py": "a"}, [fix]).texts == {}
    assert apply_fixes({"app.py": "a", "other.py": "b"}, [fix]).texts == {"app.py": "x", "other.py": "y"}


def test_unsafe_fixes_are_applied_on_request_only() -> None:
    fix = finding(Edit(span(1, 1, 1, 2), "x"), safe=False)
    assert apply_fixes({"app.py": "a"}, [fix]).applied == ()
    assert apply_fixes({"app.py": "a"}, [fix], unsafe=True).applied == (fix,)


def test_the_cell_of_a_notebook_is_recognised() -> None:
    assert is_in_notebook(finding(Edit(span(1, 1, 1, 2, "book.ipynb#cell3"), "x")))
    assert not is_in_notebook(finding(Edit(span(1, 1, 1, 2), "x")))


@given(st.text(alphabet="ab\n\r é", max_size=30), st.data())
def test_an_edit_changes_nothing_outside_its_span(text: str, data: st.DataObject) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    row = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(0, len(lines[row - 1])))
    end = data.draw(st.integers(start, len(lines[row - 1])))
    changed = edited(text, [Edit(span(row, start + 1, row, end + 1), "X")])
    rest = changed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert rest[: row - 1] + rest[row:] == lines[: row - 1] + lines[row:]
    assert rest[row - 1] == lines[row - 1][:start] + "X" + lines[row - 1][end:]
