"""The baseline: known findings are counted, moved lines and changed messages stay known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cachelint.baseline import baseline_of, compare, read_baseline, write_baseline
from cachelint.errors import InputError
from cachelint.findings import Confidence, Finding, Location, Severity

CLOCK = Finding(
    "CL101",
    "clock-in-prefix",
    Severity.ERROR,
    Confidence.HIGH,
    "`now()` is rendered into system[0].",
    Location("app.py", 3, 1, 3, 6),
    context="a = now()",
)
IDENTIFIER = replace(CLOCK, code="CL102", name="unique-id-in-prefix", context="b = uuid4()")
RULES = ("CL101", "CL102")


def test_a_baseline_survives_the_disk(tmp_path: Path) -> None:
    baseline = baseline_of([CLOCK, IDENTIFIER, CLOCK], RULES)
    write_baseline(tmp_path / "baseline.json", baseline)
    assert read_baseline(tmp_path / "baseline.json") == baseline
    assert (tmp_path / "baseline.json").read_text() == (
        '{\n "schema": "cachelint-baseline/1",\n "version": "0.1.0",\n "rules": [\n  "CL101",\n  "CL102"\n ],\n'
        ' "findings": [\n'
        f'  {{\n   "fingerprint": "{CLOCK.fingerprint}",\n   "code": "CL101",\n   "name": "clock-in-prefix",\n'
        '   "filename": "app.py",\n   "context": "a = now()",\n   "count": 2\n  },\n'
        f'  {{\n   "fingerprint": "{IDENTIFIER.fingerprint}",\n   "code": "CL102",\n   "name": "unique-id-in-prefix",\n'
        '   "filename": "app.py",\n   "context": "b = uuid4()",\n   "count": 1\n  }\n ]\n}\n'
    )


def test_what_is_known_is_not_new_even_when_lines_moved() -> None:
    moved = replace(CLOCK, location=Location("app.py", 30, 1, 30, 6))
    compared = compare([moved, IDENTIFIER], baseline_of([CLOCK], RULES))
    assert (compared.new, compared.known, compared.gone, compared.new_codes) == ((IDENTIFIER,), 1, 0, ())


def test_a_second_copy_of_a_known_finding_is_new() -> None:
    copy = replace(CLOCK, location=Location("app.py", 9, 1, 9, 6))
    assert compare([CLOCK, copy], baseline_of([CLOCK], RULES)).new == (copy,)


def test_an_upgrade_that_words_a_message_differently_makes_nothing_new() -> None:
    reworded = replace(CLOCK, message="The clock is rendered into system[0].")
    assert compare([reworded], baseline_of([CLOCK], RULES)).new == ()


def test_an_upgrade_names_the_rules_that_are_new() -> None:
    assert compare([CLOCK, IDENTIFIER], baseline_of([CLOCK], ["CL101"])).new_codes == ("CL102",)


def test_what_is_gone_is_counted() -> None:
    assert compare([CLOCK], baseline_of([CLOCK, CLOCK, IDENTIFIER], RULES)).gone == 2


def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    with pytest.raises(InputError, match=r"No such file or directory; `--baseline .* --write-baseline` creates it"):
        read_baseline(path)
    path.write_text("[]")
    with pytest.raises(InputError, match=r"is not a baseline of cachelint"):
        read_baseline(path)
    path.write_text('{"schema": "cachelint-baseline/9"}')
    with pytest.raises(InputError, match=r"is a baseline of another version of cachelint"):
        read_baseline(path)
