"""Selectors: the more specific one wins, and where two are equal the one that leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cachelint.config import Settings
from cachelint.errors import ConfigurationError
from cachelint.findings import Confidence, Finding, Location, Severity
from cachelint.rulebook import rulebook
from cachelint.selection import matches, selection

CLOCK = Finding(
    "CL101", "clock-in-prefix", Severity.ERROR, Confidence.HIGH, "It varies.", Location("tests/app.py", 1, 1, 1, 2)
)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (Settings(), True),
        (Settings(select=("CL1",)), True),
        (Settings(select=("CL2",)), False),
        (Settings(select=("CL2",), extend_select=("clock-in-prefix",)), True),
        (Settings(ignore=("CL1",)), False),
        (Settings(ignore=("CL1",), extend_select=("CL101",)), True),
        (Settings(select=("CL101",), ignore=("CL101",)), False),
        (Settings(select=("CL1",), ignore=("ALL",)), True),
        (Settings(per_file_ignores={"tests/*": ("CL1",)}), False),
        (Settings(per_file_ignores={"app.py": ("CL101",)}), False),
        (Settings(per_file_ignores={"tests": ("CL101",)}), False),
        (Settings(per_file_ignores={"tests/*": ("CL2",), "src/*": ("CL1",)}), True),
    ],
)
def test_selectors(settings: Settings, kept: bool) -> None:
    assert selection(settings, rulebook()).keeps(CLOCK) is kept


def test_low_confidence_is_for_the_pedantic() -> None:
    unsure = replace(CLOCK, confidence=Confidence.LOW)
    assert not selection(Settings(), rulebook()).keeps(unsure)
    assert selection(Settings(pedantic=True), rulebook()).keeps(unsure)


def test_an_unknown_rule_is_refused_with_the_place_that_names_it() -> None:
    settings = Settings().overridden("pyproject.toml", ignore=("clock-in-prefx",))
    with pytest.raises(
        ConfigurationError, match=r"^ignore .pyproject.toml.: unknown rule `clock-in-prefx`; did you mean"
    ):
        selection(settings, rulebook())


@pytest.mark.parametrize(
    ("glob", "matched"),
    [
        *((glob, True) for glob in ("src/*", "src", "./src/", "*.py", "main.py", "src/app")),
        *((glob, False) for glob in ("app", "rc/*", "*.ipynb")),
    ],
)
def test_globs(glob: str, matched: bool) -> None:
    assert matches("src/app/main.py", glob) is matched
