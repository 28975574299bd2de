"""The ways in which real code builds a request, each with what the analysis must say about it.

A comment ``# expect: CL101[error]`` on a line of a program in `fixtures/idioms` names what is found there; without
``[...]`` any severity will do. ``A|B`` accepts either, a ``?`` at the end makes it optional, a comma separates several.
Whatever is found on a line that does not expect it is a false alarm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from cachelint.analysis import analyze_sources
from cachelint.findings import Confidence, Finding

IDIOMS = Path(__file__).parents[2] / "fixtures" / "idioms"
PROGRAMS = sorted(IDIOMS.iterdir())
_EXPECTATION = re.compile(r"# expect: (.+)$")
_CHOICE = re.compile(r"(CL\d+)(?:\[(info|warning|error)\])?")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one line is expected to show."""

    filename: str
    row: int
    choices: tuple[tuple[str, str], ...]
    """Code and severity, which is empty where it does not matter."""
    optional: bool

    def __str__(self) -> str:
        codes = "|".join(f"{code}[{severity}]" if severity else code for code, severity in self.choices)
        return f"{self.filename}:{self.row} {codes}"

    def is_met_by(self, finding: Finding) -> bool:
        if (finding.location.filename, finding.location.row) != (self.filename, self.row):
            return False
        return any(finding.code == code and severity in ("", finding.severity.value) for code, severity in self.choices)


def sources(program: Path) -> dict[str, str]:
    """File name to text: one module, or a folder of files."""
    files = [program] if program.is_file() else [file for file in program.rglob("*") if file.is_file()]
    base = program.parent if program.is_file() else program
    return {file.relative_to(base).as_posix(): file.read_text(encoding="utf-8") for file in sorted(files)}


def expectations(filename: str, text: str) -> list[Expectation]:
    found = []
    for row, line in enumerate(text.splitlines(), 1):
        comment = _EXPECTATION.search(line)
        for item in comment.group(1).split(",") if comment else ():
            choices = tuple(_CHOICE.findall(item))
            found.append(Expectation(filename, row, choices, item.rstrip().endswith("?")))
    return found


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.stem for program in PROGRAMS])
def test_an_idiom_is_understood(program: Path) -> None:
    texts = sources(program)
    expected = [item for name, text in texts.items() for item in expectations(name, text)]
    found = [f for f in analyze_sources(texts).findings if f.confidence is not Confidence.LOW]
    missed = [str(item) for item in expected if not item.optional and not any(map(item.is_met_by, found))]
    alarms = [describe(finding) for finding in found if not any(item.is_met_by(finding) for item in expected)]
    assert {"missed": missed, "false alarms": alarms} == {"missed": [], "false alarms": []}


def describe(finding: Finding) -> str:
    place = finding.location
    return f"{place.filename}:{place.row} {finding.code}[{finding.severity}] {finding.message}"


def test_every_idiom_has_its_program() -> None:
    numbers = {program.name.split("-")[0] for program in PROGRAMS}
    assert {f"{number:02}" for number in range(1, 53)} <= numbers


def test_the_expectations_are_well_formed() -> None:
    for program in PROGRAMS:
        for name, text in sources(program).items():
            assert text.count("# expect:") == len({item.row for item in expectations(name, text)})
            assert all(item.choices for item in expectations(name, text))
