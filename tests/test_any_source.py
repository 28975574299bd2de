"""Suppression comments survive any source: adding them suppresses, removing them restores."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cachelint.adoption import with_comments
from cachelint.findings import Confidence, Finding, Location, Severity
from cachelint.rulebook import rulebook
from cachelint.suppressions import apply_suppressions, read_suppressions

STATEMENTS = st.sampled_from(
    [
        "a = now()",
        "f(\n    now(),\n    1,\n)",
        'a = f"""\n{now()}\n"""',
        "a = 1 + \\\n    now()",
        "if a:\n    b = now()  # noqa",
        "a = '# cachelint: ignore[CL101]' + now()",
        "a = now()  # cachelint: ignore[CL201] old",
        "",
    ]
)


@given(st.lists(STATEMENTS, min_size=1, max_size=5), st.data(), st.sampled_from(["\n", "\r\n"]))
def test_a_comment_that_was_added_suppresses(statements: list[str], data: st.DataObject, line_end: str) -> None:
    source = "\n".join(statements).replace("\n", line_end) + line_end
    row = data.draw(st.integers(1, source.count(line_end)))
    finding = Finding(
        "CL101", "clock-in-prefix", Severity.ERROR, Confidence.HIGH, "It varies.", Location("app.py", row, 1, row, 2)
    )
    written = with_comments(source, {row: ("CL101",)}, "known")
    assert apply_suppressions([finding], read_suppressions("app.py", written), rulebook()).findings == ()
    assert written.count(line_end) == source.count(line_end)


@given(st.text())
def test_reading_never_fails(source: str) -> None:
    read_suppressions("app.py", f"{source}# cachelint: ignore[CL101]")
