"""The page on prompt caching shows what the program beside it computes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cachelint.rulebook import rulebook

_TABLES = re.compile(r"(<!-- begin: python docs/mistakes.py -->\n).*?(<!-- end -->)", re.DOTALL)


def test_the_tables_are_what_the_program_prints(repository: Path, request: pytest.FixtureRequest) -> None:
    page = repository / "docs" / "prompt-caching.md"
    program = [sys.executable, str(repository / "docs" / "mistakes.py")]
    printed = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    text = page.read_text(encoding="utf-8")
    shown = _TABLES.sub(lambda match: f"{match[1]}\n{printed}\n{match[2]}", text)
    if request.config.getoption("--update-snapshots"):
        page.write_text(shown, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == shown


def test_every_code_on_the_page_exists(repository: Path) -> None:
    text = (repository / "docs" / "prompt-caching.md").read_text(encoding="utf-8")
    assert set(re.findall(r"CL\d{3}", text)) <= {rule.code for rule in rulebook()}
