"""Finding rules by code, name and family."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cachelint.errors import ConfigurationError
from cachelint.rulebook import rulebook, rules_folder


def test_rules_are_found_in_a_checkout() -> None:
    assert rules_folder().name == "rules"
    assert (rules_folder() / "CL101-clock-in-prefix.md").is_file()


def test_the_rulebook_is_read_once() -> None:
    assert rulebook() is rulebook()


@pytest.mark.parametrize("key", ["CL101", "cl101", "clock-in-prefix", "Clock-In-Prefix"])
def test_find_takes_codes_and_names_in_any_case(key: str) -> None:
    rule = rulebook().find(key)
    assert rule is not None
    assert (rule.code, rule.name, rule.family) == ("CL101", "clock-in-prefix", "CL1")


def test_find_returns_none_for_what_is_unknown() -> None:
    assert rulebook().find("CL999") is None


def test_expand_takes_families_codes_and_names() -> None:
    assert rulebook().expand(["CL9", "clock-in-prefix", "cl203"]) == {"CL901", "CL902", "CL101", "CL203"}
    assert rulebook().expand(["ALL"]) == rulebook().expand(["CL"]) == {rule.code for rule in rulebook()}
    assert rulebook().expand([]) == frozenset()


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("CL1O1", "unknown rule `CL1O1`; did you mean `CL101`?"),
        ("clock-in-prefx", "unknown rule `clock-in-prefx`; did you mean `clock-in-prefix`?"),
        ("E501", "unknown rule `E501`; did you mean `CL501`?"),
        ("zzzzzz", "unknown rule `zzzzzz`; `cachelint rules` lists them all"),
        ("", "unknown rule ``; `cachelint rules` lists them all"),
    ],
)
def test_expand_says_what_was_probably_meant(selector: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        rulebook().expand([selector])
    assert str(raised.value) == message


def test_codes_seen_in_logs_are_told_from_codes_of_the_source() -> None:
    assert {rule.code[:3] for rule in rulebook() if rule.seen_in_logs} == {"CL8"}


def test_reading_the_rules_imports_nothing_heavy() -> None:
    program = "import sys, cachelint.rulebook as r; r.rulebook(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"libcst", "anthropic", "duckdb", "click", "tabulate"} & set(modules)
