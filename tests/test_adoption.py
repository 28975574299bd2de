"""Suppression comments written by `--add-ignores`: read back, they suppress exactly what they were written for."""

from __future__ import annotations

import pytest

from cachelint.adoption import comments_to_add, with_comments
from cachelint.findings import Confidence, Finding, Location, Severity


def finding(code: str, filename: str, row: int) -> Finding:
    return Finding(code, "name", Severity.ERROR, Confidence.HIGH, "It varies.", Location(filename, row, 1, row, 2))


def test_the_codes_of_each_row_are_gathered() -> None:
    findings = [finding("CL201", "a.py", 3), finding("CL101", "a.py", 3), finding("CL101", "b.ipynb#cell2", 1)]
    assert comments_to_add(findings) == {"a.py": {3: ("CL101", "CL201")}}


@pytest.mark.parametrize(
    ("source", "row", "expected"),
    [
        ("a = now()\n", 1, "a = now()  # cachelint: ignore[CL101] known\n"),
        ("a = now()", 1, "a = now()  # cachelint: ignore[CL101] known"),
        ("a = now()\r\nb = 1\r\n", 1, "a = now()  # cachelint: ignore[CL101] known\r\nb = 1\r\n"),
        ("a = now()  # noqa\n", 1, "a = now()  # noqa  # cachelint: ignore[CL101] known\n"),
        ('a = f"""\n{now()}\n"""\n', 2, 'a = f"""\n{now()}\n"""  # cachelint: ignore[CL101] known\n'),
        ("a = 1 + \\\n  now()\n", 1, "a = 1 + \\\n  now()  # cachelint: ignore[CL101] known\n"),
        ("f(\n  now(),\n)\n", 2, "f(\n  now(),  # cachelint: ignore[CL101] known\n)\n"),
        ("a = 1  # cachelint: ignore[CL201] old\n", 1, "a = 1  # cachelint: ignore[CL101, CL201] old\n"),
    ],
)
def test_where_a_comment_goes(source: str, row: int, expected: str) -> None:
    assert with_comments(source, {row: ("CL101",)}, "known") == expected
