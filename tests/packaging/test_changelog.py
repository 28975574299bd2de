"""The change log names every rule, so that an upgrade says which are new."""

from __future__ import annotations

import re
from pathlib import Path

from cachelint.cli import COMMANDS
from cachelint.rulebook import rulebook


def test_every_rule_and_command_is_in_the_change_log(repository: Path) -> None:
    text = " ".join((repository / "CHANGELOG.md").read_text(encoding="utf-8").split())
    assert set(re.findall(r"\bCL\d{3} [a-z-]+", text)) == {f"{rule.code} {rule.name}" for rule in rulebook()}
    assert set(re.findall(r"`cachelint ([a-z]+)`", text)) == set(COMMANDS)
