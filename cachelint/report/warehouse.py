"""The report's totals as statements for a warehouse, over a table of what `cachelint compact` wrote.

They are the queries of the report, with the prices in force inlined, up to the costs and the cost without caching.
What compares a request with the one before it (continuity, causes, recoverable waste, lifetimes, write waste) and the
notes are not among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachelint.errors import ConfigurationError
from cachelint.report.engine import quote
from cachelint.report.pricing.costs import CLASSES, COST_PARTS
from cachelint.report.pricing.rates import UNLIMITED
from cachelint.report.record_columns import report_columns
from cachelint.report.responses import COMPLETENESS
from cachelint.report.scanning import compacted_records
from cachelint.report.usage import BILLED, ENTRY_COUNTS, ENTRY_TOKENS, LEADING_ENTRY, RESPONSE_TOKENS
from cachelint.report.warehouse_dialects import entries_in, statement_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from cachelint.report.pricing.book import PriceBook
    from cachelint.report.selection import Selection

_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")

_PRICE, _TOKENS, _MONEY = "DECIMAL(17, 14)", "DECIMAL(16, 0)", "DECIMAL(30, 14)"
"""In USD for one token. A price has up to eight decimals per million; no product has more than 38 digits, beyond which
Spark and Snowflake round."""

_COUNTS = ("input", "output", "read", "write_5m", "write_1h")

_CONVERSATION = "CASE WHEN session IS NOT NULL THEN concat_ws(' ', session, thread) END"

_KEPT = (
    *("source", "reading", "inconsistent", "refused", "finished", "batch", "fast", "us"),
    *("input", "write_5m", "write_1h", "read", "output", "searches", "prompt"),
    *("id", "session", "thread", "started", "model", "call_site", "output_known", "iterations", "tools_fingerprint"),
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement in the dialect of DuckDB."""

    comment: str
    """What it computes, as one line."""
    query: str
    creates: str | None = None
    """The temporary table, in Spark the view, that it fills; None for a result."""
    native: bool = False
    """Written in the dialect that is printed instead."""


def print_statements(dialect: str, table: str, book: PriceBook, selection: Selection, today: date) -> str:
    """The statements in one of `WAREHOUSES`, each behind a comment; the totals by model come last.

    `today` is when requests without a time are priced. Raises `ConfigurationError` for a table that has no plain name
    and for what the dialect cannot express, `MissingExtraError` when sqlglot is not installed.
    """
    if not _TABLE.fullmatch(table):
        raise ConfigurationError(f"--table {table}: expected a name such as usage or analytics.llm.usage")
    statements = _statements(dialect, table, book, selection, today)
    statements = _statements(dialect, table, book, selection, today)
    return "\n".join(
        f"-- {each.comment}\n{statement_in(dialect, each.query, each.creates, native=each.native)};\n"
        for each in statements
    )


def _statements(dialect: str, table: str, book: PriceBook, selection: Selection, today: date) -> Iterator[_Statement]:
    yield _Statement("The prices in force, in USD for one token", _rates(book), "cachelint_rates")
    yield _Statement(
        "Each response once, the most complete of its records, with counters that can be",
        _responses(table),
        "cachelint_responses",
    )
    yield _Statement(
        "The iterations of responses that have them, one row each",
        entries_in(dialect),
        "cachelint_entries",
        native=True,
    )
    yield _Statement(
        "What each response was billed for, one row for each model that worked", _counted(), "cachelint_counted"
    )
    yield _Statement(
        "What that cost in USD, by class of token, and what it would have cost without caching",
        _priced(selection, today),
        "cachelint_priced",
    )
    yield _Statement("The total of what has a price", f"SELECT {_totals()} FROM cachelint_priced WHERE priced")
    yield _Statement(
        "Totals by day (UTC), of what has a price",
        f"SELECT day, {_totals()} FROM cachelint_priced WHERE priced GROUP BY day ORDER BY day",
    )
    yield _Statement(
        "Totals by model, the costliest first; what has no price has a row of its own, without cost",
        f"SELECT model, priced, {_totals()} FROM cachelint_priced GROUP BY model, priced "
        "ORDER BY cost DESC NULLS LAST, requests DESC, model",
    )


def _rates(book: PriceBook) -> str:
    """All prices of all models, under normalised ids; days are texts, which every dialect compares alike."""
    rows: list[str] = []
    for model in book.models():
        for fast, batch, us in ((f, b, u) for f in (False, True) for b in (False, True) for u in (False, True)):
            for price in book.rates(model, fast=fast, batch=batch, geo="us" if us else None):
                numbers = (price.input, price.write_5m, price.write_1h, price.read, price.output)
                texts = [f"'{number.scaleb(-6):f}'" for number in (*numbers, book.web_search * 1000)]
                kind = (quote(model), fast, batch, us, quote(price.since.isoformat()), quote(price.until.isoformat()))
                limits = (price.above, price.up_to or UNLIMITED)
                rows.append(f"({', '.join(map(str, (len(rows) + 1, *kind, *limits, *texts)))})")
    names = [price for _, price in CLASSES.values()]
    given = ["rate", "model", "fast", "batch", "us", "since", "until", "above", "up_to"]
    prices = ", ".join(f"{name}::{_PRICE} AS {name}" for name in names)
    columns = ", ".join([*given, *names])
    return f"SELECT {', '.join(given)}, {prices} FROM (VALUES {', '.join(rows)}) AS listed({columns})"


def _responses(table: str) -> str:
    """Records are counted and merged as the report does it; where it numbers and hashes, this compares the texts."""
    known = report_columns(("id", "session", "thread"))
    columns = {name: known[name] for name in _KEPT}
    columns |= {"identity": ("VARCHAR", "identity_text"), "conversation": ("VARCHAR", _CONVERSATION)}
    records = compacted_records(table, 0, columns)
    order = f"{COMPLETENESS}, id, session, thread, input, read, write_5m, searches"
    return f"""
        SELECT concat_ws(' ', identity, copy) AS response,
            CASE WHEN identity IS NULL THEN started ELSE first_started END AS started,
            source, model, batch, fast, us, refused, output_known,
            input, write_5m, write_1h, read, output, searches, prompt, iterations
        FROM (
            SELECT *, row_number() OVER (PARTITION BY identity ORDER BY {order}) AS copy,
                min(started) OVER (PARTITION BY identity) AS first_started
            FROM ({records}) AS records WHERE reading = 'usage'
        ) AS numbered WHERE identity IS NULL OR copy = 1
    """


def _counted() -> str:
    common = f"response, started, source, batch, fast, us, {BILLED}"
    return with_model_id(f"""
        SELECT {common}, true AS leads, model, {RESPONSE_TOKENS}
        FROM cachelint_responses WHERE response NOT IN (SELECT response FROM cachelint_entries)
        UNION ALL
        SELECT {common}, leads, model, {ENTRY_TOKENS}
        FROM (
            SELECT response, started, source, batch, fast, us, leads, searches, {ENTRY_COUNTS}
            FROM (SELECT *, position = {LEADING_ENTRY} AS leads FROM cachelint_entries) AS led
        ) AS counts
    """)


def with_model_id(relation: str) -> str:
    """SQL for a relation with its models under normalised ids too: what `normalize_model` does, with no more of regular
    expressions than all dialects have."""
    return f"""
        SELECT *, CASE
            WHEN regexp_matches(model_name, '^claude-[0-9]+(-[0-9]{{1,2}})?-(opus|sonnet|haiku)$')
                THEN 'claude-' || regexp_extract(model_name, '-(opus|sonnet|haiku)$', 1)
                    || '-' || regexp_extract(model_name, '^claude-([0-9-]+)-[a-z]+$', 1)
            WHEN regexp_matches(model_name, '^claude-[a-z]+-[0-9]+-0$') THEN regexp_replace(model_name, '-0$', '')
            ELSE model_name END AS model_id
        FROM (
            SELECT *, coalesce(
                regexp_replace(replace(nullif(
                    regexp_extract('/' || lower(trim(model)), '[./~:](claude-[a-z0-9.-]*[a-z0-9])', 1), ''
                ), '.', '-'), '(-v[0-9]+|-latest|-[0-9]{{8}})+$', ''),
                lower(trim(model))) AS model_name
            FROM ({relation}) AS unnamed
        ) AS named
    """


def _priced(selection: Selection, today: date) -> str:
    parts = ", ".join(
        f"(CASE WHEN billed = 1 THEN {count}::{_TOKENS} * {price} ELSE 0 * {price} END)::{_MONEY} AS {cost}"
        for cost, (count, price) in CLASSES.items()
    )
    uncached = f"prompt::{_TOKENS} * price_input + output::{_TOKENS} * price_output"
    without_cache = f"(CASE WHEN billed = 1 THEN {uncached} ELSE 0 * price_input END)::{_MONEY} + cost_search"
    return f"""
        SELECT *, {" + ".join(COST_PARTS)} AS cost, {without_cache} AS cost_without_cache
        FROM (
            SELECT *, {parts} FROM (
                SELECT counted.*, {", ".join(price for _, price in CLASSES.values())},
                    rates.rate IS NOT NULL OR (prompt = 0 AND output = 0 AND searches = 0) AS priced
                FROM (
                    SELECT *, strftime(started::DATE, '%Y-%m-%d') AS day FROM cachelint_counted
                ) AS counted LEFT JOIN cachelint_rates AS rates
                    ON counted.model_id = rates.model AND counted.fast = rates.fast AND counted.batch = rates.batch
                    AND counted.us = rates.us AND counted.prompt > rates.above AND counted.prompt <= rates.up_to
                    AND coalesce(counted.day, '{today}') >= rates.since
                    AND coalesce(counted.day, '{today}') < rates.until
            ) AS joined
        ) AS parts WHERE {selection.predicate()}
    """


def _totals() -> str:
    """SQL for what the report says of a group of requests."""
    counts = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _COUNTS)
    costs = ", ".join(f"sum({name}) AS {name}" for name in ("cost", "cost_without_cache"))
    parts = ", ".join(f"sum({name}) AS {name}" for name in COST_PARTS)
    prompt = "sum(read + write_5m + write_1h + input)"
    return f"""sum(CASE WHEN leads THEN 1 ELSE 0 END)::BIGINT AS requests, {counts},
        sum(read)::DOUBLE / nullif({prompt}, 0)::DOUBLE AS hit_ratio, {costs},
        sum(cost_without_cache - cost) AS saved, {parts}"""
