"""Programs whose expectations are written on their lines: what a code must be found at, and nowhere else."""

from __future__ import annotations

import textwrap

from cachelint.analysis import analyze_sources
from cachelint.findings import Finding

PREAMBLE = """\
import asyncio
import time
from pathlib import Path

import anthropic

client = anthropic.Anthropic()
GUIDE = Path("guide.md").read_text()
CATALOG = Path("catalog.md").read_text()
CACHED = {"type": "ephemeral"}
SYSTEM = [{"type": "text", "text": GUIDE, "cache_control": CACHED}]
MODEL = "claude-sonnet-5-5"
"""


def rows_marked(program: str, mark: str = "# <-") -> list[int]:
    """The rows of the program, its preamble included, that end in the mark."""
    lines = whole(program).splitlines()
    return [row for row, line in enumerate(lines, 1) if line.endswith(mark)]


def whole(program: str) -> str:
    """The program as it is analysed."""
    return PREAMBLE + textwrap.dedent(program)


def findings_of(code: str, program: str) -> list[Finding]:
    """The findings of one code in a program."""
    found = analyze_sources({"main.py": whole(program)}).findings
    return [finding for finding in found if finding.code == code]


def rows_found(code: str, program: str) -> list[int]:
    """The rows at which a code is found."""
    return sorted(finding.location.row for finding in findings_of(code, program))
