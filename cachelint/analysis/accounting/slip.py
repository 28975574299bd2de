"""One mistake in reading a usage, before it becomes a finding."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from cachelint.findings import Confidence


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong, and where."""

    code: str
    node: ast.AST
    message: str
    confidence: Confidence | None = None
    """When it differs from the rule's own."""
