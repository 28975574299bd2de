"""What to know when reading the figures: limits of the log, said once and with their size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.renderers.amounts import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachelint.report.engine import Engine
    from cachelint.report.figures import Inputs

_PLACEHOLDER = 10
"""A streamed message starts with an output count of a few tokens, which is replaced at its end."""

_MANY = 0.1

NOT_INCLUDED = "code execution hours, regional and negotiated prices"
"""What no usage counter shows (facts C.1)."""

_COUNTS = f"""
SELECT count(*) FILTER (leads),
    count(*) FILTER (leads AND output_known = false),
    count(*) FILTER (leads AND source = 'claude-code' AND output <= {_PLACEHOLDER} AND prompt > 0),
    count(*) FILTER (leads AND billed = 0 AND prompt > 0),
    count(*) FILTER (leads AND priority),
    count(*) FILTER (inconsistent),
    count(*) FILTER (leads AND started IS NULL),
    count(*) FILTER (leads AND NOT in_session),
    count(*) FILTER (leads AND lifetime_assumed)
FROM selected
"""

_RECORD_COUNTS = """
SELECT count(*) FILTER (reading = 'usage' AND identity IS NULL AND started IS NULL),
    coalesce(sum(lost_records), 0)::BIGINT
FROM records
"""


def reading_notes(engine: Engine, inputs: Inputs) -> tuple[str, ...]:
    """The notes that apply to this log, one sentence each."""
    return tuple(_notes(engine, inputs))


def _notes(engine: Engine, inputs: Inputs) -> Iterator[str]:
    requests, cut, placeholders, free, priority, odd, undated, sessionless, assumed = engine.row(_COUNTS)
    nameless, lost = engine.row(_RECORD_COUNTS)
    if requests == 0:
        return
    if placeholders > requests * _MANY:
        share = _share(placeholders, requests)
        yield (
            f"Output is a lower bound: {share} of the requests have only the placeholder count of a stream's start. "
            "Cache counters are complete."
        )
    if cut:
        yield f"Output unknown, and counted as 0: {plural(cut, 'request')} whose stream was cut off."
    if free:
        yield f"Free of charge: {plural(free, 'request')} refused or declined before any output."
    if priority:
        yield f"Notional, at list price: {plural(priority, 'request')} of the priority tier."
    if assumed:
        yield (
            f"Writes without a lifetime, counted as 5 minutes: {plural(assumed, 'request')}; what was written for an "
            "hour costs 1.6 times as much."
        )
    if odd:
        yield f"Counts of written tokens contradict one another in {plural(odd, 'request')}."
    if undated:
        yield f"Without a time, so priced as of today and on no day: {plural(undated, 'request')}."
    if sessionless > requests * _MANY:
        share = _share(sessionless, requests)
        yield f"Without a session, so not judged for continuity and misses: {share} of the requests."
    if nameless:
        yield f"Neither id nor time: {plural(nameless, 'record')}; duplicates among them would be counted again."
    if lost:
        yield f"Not written by the shim, by its own account: {plural(lost, 'record')}."
    if inputs.failed:
        yield f"Failed, at no cost: {plural(inputs.failed, 'request')}."


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
