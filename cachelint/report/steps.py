"""Steps of conversations: each request beside the one before it, what it should have read from the cache, what it did.

Facts A.9 gives the terms: E, the end of a request's cached prefix, is what it read and wrote; a request should read at
least the E of the request before it in its conversation and lane, if that was long enough to be cached and has not
expired. Of a model whose minimum is unknown, nothing is expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.prompt.models import model_facts
from cachelint.report.pricing.rates import MONEY

if TYPE_CHECKING:
    from cachelint.report.engine import Engine
    from cachelint.report.selection import Selection

IN_ORDER = "ORDER BY started, prompt, tie, response"
"""The order of requests: by time, and requests of one moment by what they are, not by where they stand in a file."""

_NEIGHBOURS = f"""
WITH ordered AS (
    SELECT response, conversation, lane, model, started, prompt, read, row_number() OVER lane AS position,
        write_5m + write_1h AS written, read + write_5m + write_1h AS cached,
        lag(response) OVER lane AS previous,
        lag(started) OVER lane AS previous_started,
        lag(read + write_5m + write_1h) OVER lane AS previous_cached,
        lag(ttl) OVER lane AS previous_ttl,
        lead(response) OVER lane IS NULL AS is_last
    FROM counted WHERE leads AND conversation IS NOT NULL
    WINDOW lane AS (PARTITION BY conversation, lane {IN_ORDER})
), expected AS (
    SELECT ordered.*, date_diff('millisecond', previous_started, started) / 1000 AS gap,
        CASE WHEN previous_cached >= minimum_tokens AND prompt >= minimum_tokens
            THEN least(prompt, previous_cached) END AS should_read
    FROM ordered LEFT JOIN minimums ON ordered.model = minimums.model
), compared AS (
    SELECT *, gap <= previous_ttl AS alive,
        -- the tokenizer and what the server adds make small differences (facts A.9)
        should_read - read <= greatest(32, previous_cached // 100) AS healthy
    FROM expected
), stretched AS (
    SELECT *, count(CASE WHEN NOT alive AND NOT healthy THEN 1 END) OVER (PARTITION BY conversation, lane
        ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
    FROM compared
)
SELECT response, previous, previous_started, previous_cached, previous_ttl, gap, alive, should_read, healthy, is_last,
    -- what stands behind the longest later read of its stretch was written for nothing, as far as this log knows
    least(greatest(cached - coalesce(max(read) OVER (PARTITION BY conversation, lane, stretch ORDER BY position
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0), 0), written) AS unread
FROM stretched
"""
"""A stretch is the part of a conversation in which what was cached stays alive: what nobody reads in it is gone, and
somebody has to write it again (facts C.4)."""

_JUDGED = """
SELECT *, ({predicate}) AS selected,
    CASE WHEN should_read IS NOT NULL THEN greatest(should_read - read, 0) END AS lost,
    CASE WHEN should_read > read THEN greatest({lost_cost}, 0) WHEN should_read IS NOT NULL THEN 0 END AS lost_cost
FROM (
    SELECT priced.*, read + write_5m + write_1h AS cached, neighbours.* EXCLUDE (response),
        minimum_tokens, strips_thinking
    FROM priced LEFT JOIN neighbours ON leads AND priced.response = neighbours.response
        LEFT JOIN minimums ON priced.model = minimums.model
)
"""


def create_steps(engine: Engine, selection: Selection) -> None:
    """Create the table `neighbours`, one row for each request of a conversation, and the views `judged`, `requests` and
    `selected`.

    `judged` is every row of `priced` with `cached`; `previous` (the response before it in its conversation and lane),
    `gap` (seconds, start to start), `alive` (the gap is within the lifetime), `should_read`, `lost` (tokens that it
    should have read and did not), `lost_cost` (what that cost, in millionths of a USD), `healthy` (nothing was lost),
    null for the first request; `unread` (tokens that it wrote and nothing later in its conversation read), `is_last`;
    and whether it is `selected`. `requests` is its leading rows; `selected` is the rows of `usage` that the report is
    about.
    """
    _create_minimums(engine)
    engine.run(f"CREATE TABLE neighbours AS {_NEIGHBOURS}")
    lost_cost = _moved_cost("(should_read - read)")
    engine.run(f"CREATE TEMP VIEW judged AS {_JUDGED.format(lost_cost=lost_cost, predicate=selection.predicate())}")
    engine.run("CREATE TEMP VIEW requests AS SELECT * FROM judged WHERE leads")
    engine.run(f"CREATE TEMP VIEW selected AS SELECT * FROM usage WHERE {selection.predicate()}")


def _create_minimums(engine: Engine) -> None:
    """Create the table `minimums`: for each model its minimum prefix, and whether it strips earlier thinking."""
    engine.run("CREATE TEMP TABLE minimums (model VARCHAR, minimum_tokens BIGINT, strips_thinking BOOLEAN)")
    for (model,) in engine.rows("SELECT DISTINCT model FROM counted WHERE model IS NOT NULL"):
        if facts := model_facts(model):
            row = [model, facts.minimum_tokens, facts.keeps_thinking == "last-turn"]
            engine.run("INSERT INTO minimums VALUES (?, ?, ?)", row)


def _moved_cost(tokens: str) -> str:
    """SQL for what it would save to have `tokens` more read from the cache.

    They are taken from the writes with the longer lifetime first, as these stand first in a prompt, then from the
    other writes, then from the uncached input: always to a cheaper class (facts C.4).
    """
    hour = f"least({tokens}, write_1h)"
    minutes = f"least({tokens} - {hour}, write_5m)"
    uncached = f"least({tokens} - {hour} - {minutes}, input)"
    saved = " + ".join(
        f"{count} * ({price} - price_read)"
        for count, price in ((hour, "price_1h"), (minutes, "price_5m"), (uncached, "price_input"))
    )
    return f"(({saved}) * billed)::{MONEY}"
