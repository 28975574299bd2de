"""Every fix of every example in the rule files does what its rule's front matter says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fixed_programs import PROGRAMS, Program, assert_sound, program

from cachelint.rulebook import rulebook

sys.path.append(str(Path(__file__).parent.parent / "rules"))
from rule_examples import Example, examples

FIXABLE = {rule.code: rule.fix for rule in rulebook() if rule.fix != "none" and rule.code != "CL901"}
"""CL901 is found by `checking`, where comments are read, and has tests of its own."""
BAD = [example for example in examples() if example.kind == "bad"]


@pytest.mark.parametrize("example", [each for each in BAD if each.rule.code in FIXABLE], ids=str)
def test_a_fixed_example_parses_and_its_findings_are_gone(example: Example) -> None:
    before = Program(example.sources)
    fixed = before.fixed()
    assert_sound(before, fixed)
    assert {finding.code for finding in fixed.applied} == {finding.code for finding in before.offered()}


@pytest.mark.parametrize("example", [each for each in BAD if each.rule.code not in FIXABLE], ids=str)
def test_a_rule_without_fixes_offers_none(example: Example) -> None:
    assert [finding.code for finding in Program(example.sources).offered() if finding.code not in FIXABLE] == []


@pytest.mark.parametrize("code", FIXABLE)
def test_the_front_matter_says_what_fixes_there_are(code: str) -> None:
    programs = [Program(example.sources) for example in BAD if example.rule.code == code]
    programs += [program(folder / "before.py") for folder in PROGRAMS if folder.name.startswith(code)]
    kinds = {
        "safe" if finding.fix.safe else "unsafe"
        for each in programs
        for finding in each.offered()
        if finding.code == code and finding.fix
    }
    assert FIXABLE[code] == ("both" if len(kinds) == 2 else next(iter(kinds), "none"))
