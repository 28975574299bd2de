"""Losses that no single step shows: requests that continue nothing, and ways of caching that never pay.

Each query yields the columns of `BROKEN_STEPS`, for responses that no broken step has been blamed on.
"""

from __future__ import annotations

from cachelint.report.steps import IN_ORDER

_PREMIUM = "write_5m * (price_5m - price_input) + write_1h * (price_1h - price_input)"
_WRITTEN = "write_5m + write_1h"
_ALONE = "previous IS NULL AND coalesce(is_last, true)"
"""SQL predicate: the request continues none, and none continues it."""

_COLUMNS = "NULL::DOUBLE AS gap, NULL::BIGINT AS ttl"

LANE_CHANGES = f"""
SELECT response, code, earlier_cached - read AS tokens,
    greatest((earlier_cached - read) * ((CASE WHEN write_1h > 0 THEN price_1h WHEN write_5m > 0 THEN price_5m
        ELSE price_input END)
        - price_read) * billed, 0) AS cost,
    false AS recoverable, gap, NULL::BIGINT AS ttl,
    CASE WHEN code = 'CL805' THEN 'from ' || previous_model
        WHEN code = 'CL804' THEN 'speed'
        WHEN workspace IS DISTINCT FROM previous_workspace THEN 'in another workspace, which has a cache of its own'
        ELSE 'with another inference_geo, which may have a cache of its own' END AS detail,
    CASE WHEN code = 'CL814' AND workspace IS NOT DISTINCT FROM previous_workspace THEN 'unknown'
        ELSE 'avoidable' END AS verdict,
    CASE WHEN code = 'CL814' AND workspace IS NOT DISTINCT FROM previous_workspace THEN 'low'
        WHEN code = 'CL805' THEN 'medium' ELSE 'high' END AS confidence
FROM (
    SELECT *, CASE WHEN previous_model <> model THEN 'CL805' WHEN previous_fast <> fast THEN 'CL804' ELSE 'CL814' END
        AS code
    FROM (
        SELECT *, lag(cached) OVER story AS earlier_cached, lag(lane) OVER story AS previous_lane,
            lag(model) OVER story AS previous_model, lag(fast) OVER story AS previous_fast,
            lag(workspace) OVER story AS previous_workspace, lag(ttl) OVER story AS story_ttl,
            date_diff('millisecond', lag(started) OVER story, started) / 1000 AS story_gap
        FROM requests
        WHERE conversation IN (
            SELECT conversation FROM usage WHERE leads AND conversation IS NOT NULL
            GROUP BY conversation HAVING count(DISTINCT hash(workspace, model, fast, us)) > 1)
        WINDOW story AS (PARTITION BY conversation, call_site {IN_ORDER})
    )
)
WHERE previous_lane <> lane AND previous IS NULL AND earlier_cached >= minimum_tokens AND story_gap <= story_ttl
    AND read < earlier_cached - greatest(32, earlier_cached // 100)
    AND prompt >= earlier_cached - greatest(32, earlier_cached // 100)
"""
"""S17, and S16 for the speed: the first request of a conversation in another lane. Every model, speed and workspace has
a cache of its own."""

_MOMENT = 10_000
"""Milliseconds. Answers that took longer to begin are looked at wherever they are."""

STAMPEDES = f"""
SELECT response, 'CL810' AS code, {_WRITTEN} AS tokens,
    (write_5m * (price_5m - price_read) + write_1h * (price_1h - price_read)) * billed AS cost,
    false AS recoverable, {_COLUMNS}, 'sent before the first answer had begun' AS detail, 'avoidable' AS verdict,
        'high' AS confidence
FROM requests JOIN (
    SELECT response, max(started + to_milliseconds(first_token_ms)) OVER earlier AS earlier_answer
    FROM beginnings
    WHERE first_token_ms > {_MOMENT} OR (beginning, moment) IN (SELECT beginning, moment FROM cold_moments)
        OR (beginning, moment + 1) IN (SELECT beginning, moment FROM cold_moments)
    WINDOW earlier AS (PARTITION BY beginning {IN_ORDER} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) USING (response)
WHERE read = 0 AND cached > 0 AND earlier_answer > started
"""
"""S13: requests with the same tools and system prompt that started before an earlier one had written them.

Only what was sent shortly before a cold request can still be unanswered when it starts; the rest is not sorted."""

BEGINNINGS = f"""
CREATE TEMP VIEW beginnings AS
SELECT response, started, prompt, tie, first_token_ms, hash(lane, tools_fingerprint, system_fingerprint) AS beginning,
    date_diff('second', TIMESTAMP '1970-01-01', started) // {_MOMENT // 1000} AS moment,
    read = 0 AND {_WRITTEN} > 0 AS cold
FROM counted
WHERE leads AND system_fingerprint IS NOT NULL AND started IS NOT NULL
"""
"""Requests by what their prompts begin with, and when."""

COLD_MOMENTS = """
CREATE TEMP TABLE cold_moments AS
SELECT DISTINCT beginning, moment FROM beginnings WHERE cold AND response NOT IN (SELECT response FROM blamed)
"""
"""When requests found nothing cached that began like theirs, without a known cause."""

NEVER_READ = f"""
WITH lone AS (SELECT * FROM requests WHERE {_ALONE} AND call_site IS NOT NULL)
SELECT response, 'CL807' AS code, {_WRITTEN} AS tokens, ({_PREMIUM}) * billed AS cost, false AS recoverable, {_COLUMNS},
    CASE WHEN constant_read > 0 THEN 'the written end of the prompt is never the same'
        WHEN all_differ THEN 'every request has another system prompt'
        ELSE 'nothing that is written is ever read' END AS detail,
    'avoidable' AS verdict, CASE WHEN all_differ THEN 'high' ELSE 'medium' END AS confidence
FROM lone JOIN (
    SELECT lane, max(read) AS constant_read, count(DISTINCT system_fingerprint) = count(*) AS all_differ
    FROM lone WHERE response NOT IN (SELECT response FROM blamed)
    GROUP BY lane
    HAVING count(*) >= 3 AND min({_WRITTEN}) > 0 AND (max(read) = 0 OR (max(read) = quantile_disc(read, 0.34)
        AND max(read) < min(prompt) - 32))
        AND max(started) - min(started) < count(*) * INTERVAL 5 MINUTE
) AS wasteful USING (lane)
WHERE {_WRITTEN} > 0
"""
"""S5 and S6 for independent requests: every one writes, none reads what another wrote."""

BELOW_MINIMUM = f"""
SELECT response, 'CL808' AS code, prompt AS tokens, 0 AS cost, false AS recoverable, {_COLUMNS},
    CASE WHEN prompt < minimum_tokens THEN 'prompts are shorter than ' || minimum_tokens || ' tokens'
        ELSE 'markers had no effect although the prompt is long enough' END AS detail,
    'avoidable' AS verdict, CASE WHEN prompt < minimum_tokens THEN 'high' ELSE 'medium' END AS confidence
FROM requests WHERE markers > 0 AND cached = 0 AND minimum_tokens IS NOT NULL
"""
"""S10 and S11: breakpoints were set and nothing was cached."""

NOT_CACHED = f"""
SELECT response, 'CL809' AS code, shared AS tokens,
    greatest(CASE WHEN rank = 1 THEN -shared * (price_5m - price_input)
        ELSE shared * (price_input - price_read) END * billed, 0) AS cost,
    false AS recoverable, {_COLUMNS}, 'at most, as the prompts are alike to an unknown point' AS detail,
    'avoidable' AS verdict, 'low' AS confidence
FROM (
    SELECT *, count(*) OVER alike AS alike_count, min(least(prompt, coalesce(estimated_tokens,
        prompt))) OVER alike AS shared,
        row_number() OVER (PARTITION BY lane, tools_fingerprint, system_fingerprint {IN_ORDER}) AS rank
    FROM requests WHERE markers = 0 AND cached = 0 AND system_fingerprint IS NOT NULL
    WINDOW alike AS (PARTITION BY lane, tools_fingerprint, system_fingerprint)
)
WHERE alike_count >= 3 AND shared >= minimum_tokens
"""
"""S12: the same tools and system prompt again and again, without a breakpoint."""

LONG_LIFETIMES = f"""
SELECT response, 'CL813' AS code, write_1h AS tokens, write_1h * (price_1h - price_5m) * billed AS cost,
    false AS recoverable, {_COLUMNS},
    'no gap reaches five minutes' AS detail, 'avoidable' AS verdict, 'medium' AS confidence
FROM requests JOIN (
    SELECT conversation, lane FROM requests WHERE conversation IS NOT NULL
    GROUP BY conversation, lane
    HAVING sum(write_1h) > 0 AND count(*) >= 3 AND max(gap) < 300
) AS hurried USING (conversation, lane)
WHERE write_1h > 0 AND lane NOT IN (
    SELECT lane FROM (
        SELECT lane, read, previous,
            date_diff('second', lag(started) OVER (PARTITION BY lane {IN_ORDER}), started) AS pause
        FROM requests WHERE conversation IS NOT NULL
    ) WHERE previous IS NULL AND read > 0 AND pause >= 300
)
"""
"""S14: a lifetime of an hour is paid for, and five minutes would have done; not where a conversation begins, after a
pause, by reading what another one left."""

LANE_QUERIES = (
    (LANE_CHANGES, "conversation IS NOT NULL"),
    (STAMPEDES, "first_token_ms IS NOT NULL"),
    (NEVER_READ, "call_site IS NOT NULL"),
    (BELOW_MINIMUM, "markers > 0"),
    (NOT_CACHED, "markers = 0"),
    (LONG_LIFETIMES, "write_1h > 0"),
)
"""Each with what must hold of some row of `records`, or it finds nothing. In the order of blame: what an earlier query
blames, a later one leaves alone."""
