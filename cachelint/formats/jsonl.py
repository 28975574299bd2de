"""Findings as JSON, one object per line, each as in the format `json`."""

from __future__ import annotations

import json

from cachelint.formats.interface import Outcome
from cachelint.rendering.finding_object import finding_object
from cachelint.rendering.terminal import Terminal

SUMMARIZES = False


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The lines."""
    return "".join(json.dumps(finding_object(finding, outcome)) + "\n" for finding in outcome.findings)
