"""Why requests missed the cache: every miss blamed on one cause, priced, and gathered by cause and call site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.diagnosis.broken_steps import BROKEN_STEPS, COMPACTIONS, NEVER_READ_LANES, PROMPTS
from cachelint.report.diagnosis.grouping import find_misses
from cachelint.report.diagnosis.lanes import LANE_QUERIES

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

__all__ = ["create_diagnosis", "find_misses"]


def create_diagnosis(engine: Engine) -> None:
    """Create the table `blamed`: one row for each selected response with a loss, and its cause (facts A.9)."""
    engine.run(PROMPTS)
    engine.run(COMPACTIONS)
    engine.run(NEVER_READ_LANES)
    engine.run(f"CREATE TABLE blamed AS {BROKEN_STEPS}")
    counts = ", ".join(f"count({name}) AS {name}" for name in {name for _, name in LANE_QUERIES})
    [present] = engine.records(f"SELECT {counts} FROM records")
    for query, needed in LANE_QUERIES:
        if present[needed]:
            engine.run(f"""
                INSERT INTO blamed BY NAME
                SELECT * FROM ({query})
                WHERE response NOT IN (SELECT response FROM blamed) AND response IN (SELECT response FROM selected)
            """)
