"""Every format, rendered: the files under `snapshots/` are reviewed like code."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cachelint.formats import Outcome, format_names, load_format
from cachelint.rendering.terminal import Terminal

Snapshot = Callable[[str, str], None]


def test_the_formats_are_those_of_the_folder() -> None:
    assert format_names() == ("concise", "github", "gitlab", "json", "jsonl", "junit", "markdown", "sarif", "text")


@pytest.mark.parametrize("name", format_names())
def test_findings(name: str, outcome: Outcome, snapshot: Snapshot) -> None:
    rendered = load_format(name).render(outcome, Terminal(width=100))
    if name == "sarif":
        rendered = _without_prose(rendered)
    snapshot(f"findings.{name}", rendered)


@pytest.mark.parametrize("name", [name for name in format_names() if name != "sarif"])
def test_nothing_found(name: str, nothing: Outcome, snapshot: Snapshot) -> None:
    snapshot(f"nothing.{name}", load_format(name).render(nothing, Terminal(width=100)))


def _without_prose(sarif: str) -> str:
    """The log without what it takes from the rules and the version, which change for reasons of their own."""
    log = json.loads(sarif)
    driver = log["runs"][0]["tool"]["driver"]
    driver["semanticVersion"] = "…"
    for rule in driver["rules"]:
        for key in ("shortDescription", "help", "properties", "defaultConfiguration"):
            rule.pop(key, None)
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"
