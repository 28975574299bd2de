"""New rules: which those are depends on what the project knows, and `rules-version` keeps them from failing a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cachelint.baseline import Baseline
from cachelint.checking import fails
from cachelint.config import Settings
from cachelint.errors import ConfigurationError
from cachelint.findings import Finding, Location
from cachelint.formats import Outcome
from cachelint.new_rules import new_rules
from cachelint.rulebook import Rulebook, rulebook


def book(**since: str) -> Rulebook:
    """The rulebook, had these rules come later than the others."""
    rules = {rule.code: replace(rule, since=since.get(rule.code, "0.1.0")) for rule in rulebook()}
    return Rulebook(rulebook().names, rules.__getitem__)


LATER = book(CL201="0.2.0", CL405="0.10.0")


def baseline(version: str) -> Baseline:
    return Baseline((), frozenset(), version)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    """This is cachelint 0.10.1."""
    monkeypatch.setattr("cachelint.__version__", "0.10.1", raising=False)


@pytest.mark.parametrize(
    ("settings", "known", "expected"),
    [
        (Settings(rules_version="0.1"), None, {"CL201": "0.2.0", "CL405": "0.10.0"}),
        (Settings(rules_version="0.2.0"), None, {"CL405": "0.10.0"}),
        (Settings(rules_version="0.9"), baseline("0.1.0"), {"CL405": "0.10.0"}),
        (Settings(rules_version="0.1", select=("CL2", "CL405")), None, {"CL201": "0.2.0"}),
        (Settings(rules_version="0.1", extend_select=("set-order-in-prefix",)), None, {"CL405": "0.10.0"}),
        (Settings(), baseline("0.1.0"), {"CL201": "0.2.0", "CL405": "0.10.0"}),
        (Settings(), baseline("0.2.0rc1"), {"CL405": "0.10.0"}),
        (Settings(), baseline("unknown"), {"CL405": "0.10.0"}),
        (Settings(), None, {"CL405": "0.10.0"}),
    ],
)
def test_what_is_new(running: None, settings: Settings, known: Baseline | None, expected: Mapping[str, str]) -> None:
    assert new_rules(settings, known, LATER).since == expected


def test_in_the_first_release_nothing_is_new(running: None) -> None:
    assert new_rules(Settings(), None, book()).since == {}


def test_a_version_that_is_still_to_come_is_refused(running: None) -> None:
    settings = Settings().overridden("pyproject.toml", rules_version="0.11")
    with pytest.raises(ConfigurationError) as raised:
        new_rules(settings, None, LATER)
    assert str(raised.value) == (
        "rules-version (pyproject.toml) is 0.11, and this is cachelint 0.10.1: "
        "upgrade cachelint, or name an earlier version"
    )
    assert new_rules(Settings(rules_version="0.10.1"), None, LATER).since == {}


def test_only_rules_version_keeps_new_rules_from_failing_a_run(running: None) -> None:
    rule = LATER.find("CL201")
    assert rule is not None
    found = Finding(rule.code, rule.name, rule.severity, rule.confidence, "Order.", Location("a.py", 1, 1, 1, 2))
    for settings, failing in ((Settings(), True), (Settings(rules_version="0.1.0"), False)):
        outcome = Outcome((new_rules(settings, baseline("0.1.0"), LATER).marked(found),), source=str)
        assert outcome.findings[0].new_in == "0.2.0"
        assert fails(outcome, settings) is failing
