"""Findings as one JSON array. Fields that ruff has too have ruff's names and meaning."""

from __future__ import annotations

import json

from cachelint.formats.interface import Outcome
from cachelint.rendering.finding_object import finding_object
from cachelint.rendering.terminal import Terminal

SUMMARIZES = False


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The array, indented."""
    return json.dumps([finding_object(finding, outcome) for finding in outcome.findings], indent=2) + "\n"
