"""Why requests missed the cache: every miss blamed on one cause, priced, and gathered by cause and call site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.diagnosis.broken_steps import BROKEN_STEPS, COMPACTIONS, NEVER_READ_LANES, PROMPTS
from cachelint.report.diagnosis.grouping import find_misses
from cachelint.report.diagnosis.lanes import BEGINNINGS, COLD_MOMENTS, LANE_QUERIES

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

__all__ = ["create_diagnosis", "find_misses"]


def create_diagnosis(engine: Engine) -> None:
    """Create the table `blamed`: one row for each selected response with a loss, and its cause (facts A.9)."""
    engine.run(PROMPTS)
    engine.run(COMPACTIONS)
    engine.run(NEVER_READ_LANES)
    engine.run(f"CREATE TABLE blamed AS {BROKEN_STEPS}")
    engine.run(BEGINNINGS)
    engine.run(COLD_MOMENTS)
    needs = ", ".join(f"coalesce(bool_or({need}), false)" for _, need in LANE_QUERIES)
    for (query, _), met in zip(LANE_QUERIES, engine.row(f"SELECT {needs} FROM records"), strict=True):
        if met:
            engine.run(f"""
                INSERT INTO blamed BY NAME
                SELECT found.* FROM ({query}) AS found JOIN requests USING (response)
                WHERE selected AND response NOT IN (SELECT response FROM blamed)
            """)
