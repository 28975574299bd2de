"""Suppression comments: where they count, and what is said of those that do nothing."""

from __future__ import annotations

from cachelint.findings import Confidence, Finding, FlowStep, Location, Severity
from cachelint.rulebook import rulebook
from cachelint.suppressions import apply_suppressions, read_suppressions
from cachelint.unused_suppressions import unused_suppressions

FILE = "app.py"


def finding(code: str, first: int, last: int, *path: int) -> Finding:
    """A finding of `code` from row `first` to row `last`, whose value passes the rows of `path`."""
    span = Location(FILE, first, 1, last, 9)
    steps = tuple(FlowStep(Location(FILE, row, 1, row, 5), "passed on") for row in path)
    return Finding(code, "name", Severity.ERROR, Confidence.HIGH, "It varies.", span, flow=steps)


def remaining(source: str, *findings: Finding) -> list[str]:
    """The codes of the findings that the comments of `source` leave over, then those of its useless comments."""
    suppressions = read_suppressions(FILE, source)
    applied = apply_suppressions(findings, suppressions, rulebook())
    unused = unused_suppressions(suppressions, applied, rulebook(), lambda filename: source)
    return [f"{each.code}:{each.location.row}" for each in (*applied.findings, *unused)]


def test_a_comment_counts_for_its_line() -> None:
    source = "a = now()  # cachelint: ignore[CL101] shown to nobody\nb = now()\n"
    assert remaining(source, finding("CL101", 1, 1), finding("CL101", 2, 2)) == ["CL101:2"]


def test_a_comment_counts_anywhere_in_the_span_of_a_finding() -> None:
    source = "a = f(\n    now(),  # cachelint: ignore[CL101]\n)\n"
    assert remaining(source, finding("CL101", 1, 3)) == []


def test_a_comment_counts_on_any_place_of_the_path() -> None:
    source = "a = now()\nb = a\nsend(b)  # cachelint: ignore[CL101] one request a day\n"
    assert remaining(source, finding("CL101", 1, 1, 2, 3)) == []


def test_a_comment_after_a_string_of_several_lines_counts_for_all_of_them() -> None:
    source = 'a = f"""\n{now()}\n"""  # cachelint: ignore[CL101]\nb = 1 + \\\n    now()  # cachelint: ignore[CL101]\n'
    assert remaining(source, finding("CL101", 2, 2), finding("CL101", 4, 4)) == []


def test_rules_are_named_by_code_name_or_family() -> None:
    source = "a = now()  # cachelint: ignore[clock-in-prefix, CL2]\n"
    assert remaining(source, finding("CL101", 1, 1), finding("CL201", 1, 1), finding("CL301", 1, 1)) == ["CL301:1"]


def test_a_comment_for_the_whole_file() -> None:
    source = "# cachelint: ignore-file[CL101] a demonstration of mistakes\na = now()\nb = now()\n"
    assert remaining(source, finding("CL101", 2, 2), finding("CL101", 3, 3), finding("CL102", 3, 3)) == ["CL102:3"]


def test_a_comment_beside_other_comments() -> None:
    source = "a = now()  # noqa: E501  # cachelint: ignore[CL101] reason  # type: ignore\n"
    assert remaining(source, finding("CL101", 1, 1)) == []


def test_what_a_string_says_is_no_comment() -> None:
    source = "a = '# cachelint: ignore[CL101]'\n"
    assert remaining(source, finding("CL101", 1, 1)) == ["CL101:1"]


def test_comments_before_a_syntax_error_count() -> None:
    source = "a = now()  # cachelint: ignore[CL101]\nb = (\n"
    assert remaining(source, finding("CL101", 1, 1)) == []


def test_unused_comments_are_reported() -> None:
    source = "a = 1  # cachelint: ignore[CL101]\n# cachelint: ignore-file[CL201]\n"
    assert remaining(source) == ["CL901:1", "CL901:2"]


def complaint(source: str, *findings: Finding) -> tuple[str, str]:
    """What is said of the only useless comment of `source`, and `source` when its fix is applied."""
    suppressions = read_suppressions(FILE, source)
    applied = apply_suppressions(findings, suppressions, rulebook())
    (unused,) = unused_suppressions(suppressions, applied, rulebook(), lambda filename: source)
    assert unused.fix is not None
    assert unused.fix.safe
    (edit,) = unused.fix.edits
    lines = source.splitlines(keepends=True)
    start = sum(map(len, lines[: edit.location.row - 1])) + edit.location.column - 1
    end = sum(map(len, lines[: edit.location.end_row - 1])) + edit.location.end_column - 1
    return unused.message, source[:start] + edit.content + source[end:]


def test_the_fix_removes_the_comment_and_the_space_before_it() -> None:
    assert complaint("a = 1  # cachelint: ignore[CL101] why\nb = 2\n") == (
        "`CL101` suppresses nothing here.",
        "a = 1\nb = 2\n",
    )


def test_the_fix_removes_a_line_that_held_only_the_comment() -> None:
    assert complaint("# cachelint: ignore-file[CL101]\nb = 2\n") == (
        "`CL101` suppresses nothing in this file.",
        "b = 2\n",
    )


def test_the_fix_leaves_other_comments() -> None:
    assert complaint("a = 1  # noqa # cachelint: ignore[CL101] # fmt: skip\n")[1] == "a = 1  # noqa # fmt: skip\n"


def test_the_fix_leaves_the_codes_that_are_used() -> None:
    assert complaint("a = now()  # cachelint: ignore[CL101, CL102] why\n", finding("CL101", 1, 1)) == (
        "`CL102` suppresses nothing here.",
        "a = now()  # cachelint: ignore[CL101] why\n",
    )


def test_a_comment_without_codes_suppresses_nothing() -> None:
    source = "a = now()  # cachelint: ignore\n"
    assert remaining(source, finding("CL101", 1, 1)) == ["CL101:1", "CL901:1"]
    assert complaint(source)[0] == (
        "`# cachelint: ignore` names no code and so suppresses nothing: `ignore[CL101] reason` would."
    )


def test_a_comment_with_an_unknown_rule() -> None:
    assert complaint("a = now()  # cachelint: ignore[clock-in-prefx]\n")[0] == (
        "`clock-in-prefx` suppresses nothing here: there is no such rule; `clock-in-prefix`?"
    )
