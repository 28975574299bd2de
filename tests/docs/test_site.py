"""The documentation site builds without a warning, and holds what it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cachelint.cli import COMMANDS
from cachelint.rulebook import rulebook

pytestmark = pytest.mark.slow


def test_the_site_builds_without_a_warning(repository: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    run = subprocess.run(build, cwd=repository, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert_every_rule_has_a_page(tmp_path)
    assert_every_command_is_shown(tmp_path)
    assert_nothing_is_fetched_from_elsewhere(tmp_path)


def assert_every_rule_has_a_page(site: Path) -> None:
    for rule in rulebook():
        text = (site / "rules" / rule.code / "index.html").read_text(encoding="utf-8")
        assert f"{rule.code} {rule.name}" in text
        assert text.count("Flagged</p>") == rule.body.count("```python bad")
        assert "```" not in re.sub(r"<[^>]*>", "", text), rule.code


def assert_every_command_is_shown(site: Path) -> None:
    text = (site / "commands" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"Usage: cachelint (\w+)", text) == list(COMMANDS)


def assert_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="https?://[^"]*"', text) == [], page
