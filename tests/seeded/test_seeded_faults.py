"""A varying value, planted at random places of clean programs, is found before the breakpoint, and only there.

`make seeds SEEDS=100` plants more than the few that are planted here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from landing import CANARY, Landing, landing
from planted_places import replaced
from program_runs import ProgramFailed, Runner
from seeded_programs import Program, programs
from seeding import TOO_SHORT, Seeder

from cachelint.analysis import analyze_sources

SEEDS = 3
"""Faults for each program."""

PROGRAMS = programs()


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


def test_there_are_enough_programs() -> None:
    assert len(PROGRAMS) >= 30


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_nothing_is_found_in_a_clean_program(program: Program) -> None:
    analysis = analyze_sources(program.sources())
    assert analysis.requests
    assert [
        f"{f.location.filename}:{f.location.row} {f.message}" for f in analysis.findings if f.code != TOO_SHORT
    ] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_planted_value_is_found_where_it_breaks_the_prefix(program: Program, runner: Runner) -> None:
    seeder = Seeder(program, runner)
    assert seeder.requests >= 2
    for fault in filter(None, map(seeder.plant, range(SEEDS))):
        found = fault.found()
        if fault.landing in (Landing.BEFORE, Landing.FROZEN):
            assert any(map(fault.is_reported_by, found)), fault
        elif fault.landing is Landing.OUTSIDE:
            assert found == [], fault


# -- the harness itself ------------------------------------------------------------------------------------------------


def request(system: str, *texts: str) -> dict:
    block = {"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}
    return {"model": "m", "system": [block], "messages": [{"role": "user", "content": text} for text in texts]}


def test_a_canary_lands_by_what_the_cache_sees() -> None:
    clean = [request("rules", "one"), request("rules", "two")]
    first, second, same = "canary-7-1", "canary-7-2", "canary-7-p"
    assert landing(clean, [request(f"rules {first}", "one"), request(f"rules {second}", "two")]) is Landing.BEFORE
    assert landing(clean, [request(f"rules {same}", "one"), request(f"rules {same}", "two")]) is Landing.FROZEN
    assert landing(clean, [request("rules", f"one {first}"), request("rules", f"two {second}")]) is Landing.OUTSIDE
    assert landing(clean, [{**clean[0], "model": first}, clean[1]]) is Landing.UNTOLD
    assert CANARY.findall("CANARY-12-P and canary-3-44") == ["CANARY-12-P", "canary-3-44"]


def test_expressions_are_numbered_alike_each_time() -> None:
    text = "def f(x: int = 1) -> str:\n    'Docs.'\n    return g(x, key='a') + f'{x}'\n"
    seen: list[tuple[int, str]] = []

    def note(number, node):
        seen.append((number, type(node).__name__))
        return node

    assert replaced(text, note) == text
    assert sorted(seen) == [
        (0, "BinaryOperation"),
        (1, "Call"),
        (2, "Name"),
        (3, "Name"),
        (4, "SimpleString"),
        (5, "FormattedString"),
        (6, "Name"),
    ]


def test_a_program_that_fails_says_why(runner: Runner) -> None:
    with pytest.raises(ProgramFailed, match="broken: ZeroDivisionError"):
        runner.requests(Program("broken", {"main.py": "def main(questions):\n    1 / 0\n"}, {}))
