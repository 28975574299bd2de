"""The usage table: what each response was billed for, in whole tokens by class, one row for each model that worked.

A response without `iterations` is one row. One with them is a row for each entry, because the top level counts some
entries and leaves out others (facts C.1); exactly one row of a response leads: the last answer of the serving model,
whose prompt is the one that was cached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

CONVERSATION = "CASE WHEN session IS NOT NULL AND started IS NOT NULL THEN hash(session, thread) END"
"""SQL for the number of the conversation of a request: a session, or a sub-agent inside one. Null for a request that
continues nothing that the log knows of."""

_ENTRY = (
    '[{"type": "VARCHAR", "model": "VARCHAR", "input_tokens": "DOUBLE", "output_tokens": "DOUBLE", '
    '"cache_creation_input_tokens": "DOUBLE", "cache_read_input_tokens": "DOUBLE", '
    '"cache_creation": {"ephemeral_5m_input_tokens": "DOUBLE", "ephemeral_1h_input_tokens": "DOUBLE"}}]'
)

_BILLED = """
SELECT response, started, source, session, thread, call_site, workspace, platform, marker_1h, output_known, id,
    model, input, writes, write_5m, write_1h, read, output, searches, service_tier, speed, geo,
    coalesce(stop_reason = 'refusal' AND coalesce(content_empty, coalesce(output, 0) = 0), false) AS refused,
    {entries} AS entries
FROM responses
"""

_EXPANDED = """
SELECT * EXCLUDE (entries, entry, position) REPLACE (
        coalesce(entry.model, model) AS model,
        entry.input_tokens AS input,
        entry.cache_creation_input_tokens AS writes,
        entry.cache_creation.ephemeral_5m_input_tokens AS write_5m,
        entry.cache_creation.ephemeral_1h_input_tokens AS write_1h,
        entry.cache_read_input_tokens AS read,
        entry.output_tokens AS output,
        CASE WHEN leads THEN searches END AS searches,
        -- a declined hop of a fallback chain is reported, and free
        refused OR (entry.type = 'message' AND entry.model <> model AND coalesce(entry.output_tokens, 0) = 0) AS refused
    )
FROM (
    SELECT *, position = coalesce(
        max(position) FILTER (entry.type IN ('message', 'fallback_message')) OVER (PARTITION BY response),
        max(position) OVER (PARTITION BY response)) AS leads
    FROM (SELECT *, unnest(entries) AS entry, generate_subscripts(entries, 1) AS position
        FROM billed WHERE len(entries) > 0)
)
"""

_PLAIN = "SELECT * EXCLUDE (entries), true AS leads FROM billed WHERE coalesce(len(entries), 0) = 0"

_COUNTED = f"""
SELECT response, leads, started, source, session, call_site, workspace, platform, model, output_known, inconsistent,
    {CONVERSATION} AS conversation,
    hash(id) AS tie,
    coalesce(input, 0)::BIGINT AS input,
    greatest(total - hour, 0)::BIGINT AS write_5m,
    hour::BIGINT AS write_1h,
    coalesce(read, 0)::BIGINT AS read,
    CASE WHEN output_known IS DISTINCT FROM false THEN coalesce(output, 0) ELSE 0 END::BIGINT AS output,
    coalesce(searches, 0)::BIGINT AS searches,
    (coalesce(input, 0) + total + greatest(hour - total, 0) + coalesce(read, 0))::BIGINT AS prompt,
    CASE WHEN hour > 0 OR marker_1h THEN 3600 ELSE 300 END::INTEGER AS ttl,
    (NOT refused)::TINYINT AS billed,
    coalesce(service_tier = 'batch', false) AS batch,
    coalesce(speed = 'fast' AND service_tier IS DISTINCT FROM 'batch', false) AS fast,
    coalesce(geo = 'us', false) AS us,
    coalesce(service_tier = 'priority', false) AS priority,
    hash(workspace, model, fast, us, call_site) AS lane
FROM (
    SELECT *,
        -- the total counts; where there is only the breakdown, or it claims more, the breakdown does (D8)
        CASE WHEN coalesce(writes, 0) >= coalesce(write_1h, 0) AND coalesce(writes, 0) > 0 THEN writes
            ELSE coalesce(write_5m, 0) + coalesce(write_1h, 0) END AS total,
        coalesce(write_1h, 0) AS hour,
        coalesce(writes > 0 AND coalesce(write_5m, 0) + coalesce(write_1h, 0) > writes, false) AS inconsistent
    FROM ({{entries}})
)
"""


def create_counted(engine: Engine) -> None:
    """Create the view `counted` over `responses`: counters as BIGINT, writes by lifetime, and what is needed to price.

    `conversation` numbers what a request belongs to, `lane` what it is compared with: requests of one workspace, model,
    speed, geography and call site. Requests of other call sites have prompts of their own, even in the same session.
    Both are hashes of 64 bits.
    """
    (iterated,) = engine.row(
        "SELECT count(*) FROM records WHERE iterations IS NOT NULL AND iterations::VARCHAR <> '[]'"
    )
    parsed = f"from_json(iterations, '{_ENTRY}')" if iterated else "NULL"
    engine.run(f"CREATE TEMP VIEW billed AS {_BILLED.format(entries=parsed)}")
    entries = f"{_PLAIN} UNION ALL BY NAME {_EXPANDED}" if iterated else _PLAIN.partition(" WHERE")[0]
    engine.run(f"CREATE TEMP VIEW counted AS {_COUNTED.format(entries=entries)}")
