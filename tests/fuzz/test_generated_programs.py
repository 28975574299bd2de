"""Programs that a grammar makes of bytes are followed to their requests; `make fuzz` looks for those that are not."""

from __future__ import annotations

import random

import pytest
from grammar import Choices, program

from cachelint.analysis import analyze_sources


@pytest.mark.parametrize("seed", range(20))
def test_a_generated_program_is_followed_to_its_request(seed: int) -> None:
    analysis = analyze_sources(program(Choices(random.Random(seed).randbytes(300))))
    assert analysis.requests
    assert {finding.location.filename for finding in analysis.findings} <= {"app.py", "other.py"}
