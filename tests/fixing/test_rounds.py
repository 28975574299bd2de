"""Rounds of analysis and edits: what does not help is taken back, and there is an end."""

from __future__ import annotations

from collections.abc import Mapping

from cachelint.findings import Confidence, Edit, Finding, Fix, Location, Severity
from cachelint.fixing.rounds import MAXIMUM_ROUNDS, Checked, Fixed, fix_all, parses


def found(text: str, word: str, replacement: str, code: str = "CL201") -> list[Finding]:
    """A finding with a fix for each line that holds `word`."""
    findings = []
    for row, line in enumerate(text.split("\n"), 1):
        column = line.find(word) + 1
        if column:
            place = Location("app.py", row, column, row, column + len(word))
            fix = Fix("Replace it", (Edit(place, replacement),), safe=True)
            message = f"{word} {row}"
            findings.append(
                Finding(code, "x", Severity.WARNING, Confidence.HIGH, message, place, fix=fix, context=line)
            )
    return findings


def run(text: str, *rules: tuple[str, str, str]) -> tuple[Fixed, int]:
    """Fixes `text`, in which each rule (word, replacement, code) finds something; and how often it was analysed."""
    runs = 0

    def check(texts: Mapping[str, str]) -> Checked:
        nonlocal runs
        runs += 1
        now = texts.get("app.py", text)
        return Checked([each for rule in rules for each in found(now, *rule)], lambda _: now)

    return fix_all(check), runs


def test_one_round_fixes_and_one_proves_it() -> None:
    fixed, runs = run("bad = 1\nbad = 2\n", ("bad", "good", "CL201"))
    assert fixed.texts == {"app.py": "good = 1\ngood = 2\n"}
    assert len(fixed.applied) == 2
    assert runs == 2


def test_what_a_fix_brings_to_light_is_fixed_in_the_next_round() -> None:
    fixed, _ = run("bad = 1\n", ("bad", "worse_", "CL201"), ("worse_", "good", "CL204"))
    assert fixed.texts == {}  # a fix that brings another finding does not help
    fixed, _ = run("bad = worse_\n", ("bad", "fine", "CL201"), ("worse_", "good", "CL204"))
    assert fixed.texts == {"app.py": "fine = good\n"}


def test_a_fix_that_leaves_its_finding_is_taken_back_and_the_others_stay() -> None:
    fixed, _ = run("bad = 1\nodd = 1\n", ("bad", "good", "CL201"), ("odd", "odder", "CL204"))
    assert fixed.texts == {"app.py": "good = 1\nodd = 1\n"}


def test_a_fix_that_does_not_parse_is_taken_back() -> None:
    fixed, _ = run("bad = 1\n", ("bad", "b a d", "CL201"))
    assert fixed.texts == {}


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    _, runs = run("ping = 1\n", ("ping", "pong", "CL201"), ("pong", "ping", "CL201"))
    assert runs <= MAXIMUM_ROUNDS + 1


def test_text_that_python_does_not_read_is_no_fix() -> None:
    assert parses(["x = 1\n"])
    assert not parses(["x =\n"])
    assert not parses(["x = '\0'\n"])
