"""Steps of conversations: each request beside the one before it, what it should have read from the cache, and what it
did.

A conversation is a session, or a sub-agent inside one. A lane is what cannot share a cache with anything else: the
workspace, model, speed and geography. Facts A.9 gives the terms: E, the end of a request's cached prefix, is what it
read and wrote; a request should read at least the E of the request before it in its conversation and lane, if that
was long enough to be cached and has not expired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.prompt.models import model_facts
from cachelint.report.pricing.rates import MONEY

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

LANE = "workspace, model, fast, us"

_PREVIOUS = f"""
SELECT *,
    lag(started) OVER lane AS previous_started,
    lag(cached) OVER lane AS previous_cached,
    lag(ttl) OVER lane AS previous_ttl,
    lag(prompt) OVER lane AS previous_prompt,
    lag(blocks) OVER lane AS previous_blocks,
    lag(tools_fingerprint) OVER lane AS previous_tools,
    lag(system_fingerprint) OVER lane AS previous_system,
    lag(parameters) OVER lane AS previous_parameters,
    lag(first_token_ms) OVER lane AS previous_first_token_ms,
FROM (
    SELECT response, id, started, conversation, {LANE}, call_site, source, prompt, input, write_5m, write_1h, read,
        billed, priced, blocks,
        markers, tools_fingerprint, system_fingerprint, parameters, first_token_ms, miss_reason, divergence,
            estimated_tokens,
        price_input, price_5m, price_1h, price_read,
        read + write_5m + write_1h AS cached,
        CASE WHEN write_1h > 0 OR marker_1h THEN 3600 ELSE 300 END AS ttl,
        minimum_tokens, strips_thinking
    FROM (SELECT *, {{conversation}} AS conversation FROM priced) LEFT JOIN minimums USING (model)
    WHERE leads
)
WINDOW lane AS (PARTITION BY conversation, {LANE} ORDER BY started, prompt, id, response)
"""

CONVERSATION = "CASE WHEN session IS NOT NULL AND started IS NOT NULL THEN concat_ws(' / ', session, thread) END"
"""SQL for the conversation of a request; null for one that continues nothing that the log knows of."""


def create_minimums(engine: Engine) -> None:
    """Create the table `minimums`: for each model of the log, its minimum prefix and whether it strips earlier
    thinking."""
    engine.run("CREATE TEMP TABLE minimums (model VARCHAR, minimum_tokens BIGINT, strips_thinking BOOLEAN)")
    for (model,) in engine.rows("SELECT DISTINCT model FROM usage WHERE model IS NOT NULL"):
        facts = model_facts(model)
        minimum = facts.minimum_tokens if facts else None
        engine.run(
            "INSERT INTO minimums VALUES (?, ?, ?)",
            [model, minimum, bool(facts and facts.keeps_thinking == "last-turn")],
        )


def create_steps(engine: Engine) -> None:
    """Create the table `steps`, one row for each leading row of `priced`, with columns

    `gap` (seconds, start to start), `alive` (the gap is within the lifetime), `lost` (cached tokens that were not
    read), `lost_cost` (what that cost, in millionths of a USD), `healthy` (nothing was lost); null for a request that
    is no step.
    """
    create_minimums(engine)
    previous = _PREVIOUS.format(conversation=CONVERSATION)
    engine.run(f"""
        CREATE TABLE steps AS
        SELECT *, CASE WHEN should_read IS NOT NULL THEN greatest(should_read - read, 0) END AS lost,
            greatest({_moved_cost("greatest(should_read - read, 0)")}, 0) AS lost_cost,
            CASE WHEN should_read IS NOT NULL THEN should_read - read <= tolerance END AS healthy
        FROM (
            SELECT *, date_diff('millisecond', previous_started, started) / 1000 AS gap,
                gap <= previous_ttl AS alive,
                CASE WHEN conversation IS NOT NULL AND previous_cached IS NOT NULL AND least(prompt,
                    previous_cached) >= minimum_tokens
                    THEN least(prompt, previous_cached) END AS should_read,
                -- the tokenizer and what the server adds make small differences (facts A.9)
                greatest(32, previous_cached // 100) AS tolerance
            FROM ({previous})
        )
    """)


def _moved_cost(tokens: str) -> str:
    """SQL for what it would save to have `tokens` more read from the cache.

    They are taken from the writes with the longer lifetime first, as these stand first in a prompt, then from the
    other writes, then from the uncached input: always to a cheaper class, so that the result is never negative (facts
    C.4).
    """
    hour = f"least({tokens}, write_1h)"
    minutes = f"least({tokens} - {hour}, write_5m)"
    uncached = f"least({tokens} - {hour} - {minutes}, input)"
    return (
        f"(({hour} * (price_1h - price_read) + {minutes} * (price_5m - price_read) + {uncached} * (price_input - "
        f"price_read)) * billed)"
        f"::{MONEY}"
    )
