"""Fixing programs with planted faults: files still parse, what was fixed is gone, all other lines are as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixed_programs import Program as Fixable
from fixed_programs import assert_sound
from program_runs import Runner
from seeded_programs import Program, programs
from seeding import Seeder

SEEDS = range(1000, 1001)
"""One fault for each program, another than those that are looked for: three have been tried."""

PROGRAMS = [program for program in programs() if all(name.endswith(".py") for name in program.modules)]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_planted_fault_can_be_fixed(program: Program, runner: Runner) -> None:
    seeder = Seeder(program, runner)
    for fault in filter(None, map(seeder.plant, SEEDS)):
        planted = Fixable(fault.program.sources())
        assert_sound(planted, planted.fixed())
