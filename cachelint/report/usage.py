"""The usage table: what each response was billed for, in whole tokens by class, one row for each model that worked on
it.

A response without `iterations` is one row. One with them is a row for each entry, because the top level counts some
entries and leaves out others (facts C.1); exactly one row of a response leads: the last answer of the serving model,
whose prompt is the one that was cached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

_ENTRY = (
    '[{"type": "VARCHAR", "model": "VARCHAR", "input_tokens": "DOUBLE", "output_tokens": "DOUBLE", '
    '"cache_creation_input_tokens": "DOUBLE", "cache_read_input_tokens": "DOUBLE", '
    '"cache_creation": {"ephemeral_5m_input_tokens": "DOUBLE", "ephemeral_1h_input_tokens": "DOUBLE"}}]'
)

_RESPONSES = f"""
CREATE TEMP TABLE numbered AS
SELECT * EXCLUDE (iterations), row_number() OVER () AS response,
    coalesce(stop_reason = 'refusal' AND coalesce(content_empty, coalesce(output, 0) = 0), false) AS refused,
    CASE WHEN iterations IS NOT NULL THEN from_json(iterations, '{_ENTRY}') END AS entries
FROM responses
"""

_ENTRIES = """
CREATE TEMP VIEW entries AS
SELECT * EXCLUDE (entries, entry) REPLACE (
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
        FROM numbered WHERE len(entries) > 0)
)
"""

_COUNTED = """
SELECT * EXCLUDE (writes, write_5m, write_1h, input, read, output, searches),
    coalesce(input, 0)::BIGINT AS input,
    greatest(total - hour, 0)::BIGINT AS write_5m,
    hour::BIGINT AS write_1h,
    coalesce(read, 0)::BIGINT AS read,
    CASE WHEN output_known IS DISTINCT FROM false THEN coalesce(output, 0) ELSE 0 END::BIGINT AS output,
    coalesce(searches, 0)::BIGINT AS searches,
FROM (
    SELECT *,
        -- the total counts; where there is only the breakdown, or it claims more, the breakdown does (D8)
        CASE WHEN coalesce(writes, 0) >= coalesce(write_1h, 0) AND coalesce(writes, 0) > 0 THEN writes
            ELSE coalesce(write_5m, 0) + coalesce(write_1h, 0) END AS total,
        coalesce(write_1h, 0) AS hour,
        coalesce(coalesce(writes, 0) > 0 AND coalesce(write_5m, 0) + coalesce(write_1h, 0) > writes,
            false) AS inconsistent
    FROM {source}
)
"""


def create_usage(engine: Engine) -> None:
    """Create the table `usage` from `responses`: counters as BIGINT, writes split by TTL, responses numbered."""
    engine.run(_RESPONSES)
    engine.run(_ENTRIES)
    plain = "(SELECT * EXCLUDE (entries), true AS leads FROM numbered WHERE coalesce(len(entries), 0) = 0)"
    expanded = "(SELECT * EXCLUDE (position) FROM entries)"
    engine.run(f"""
        CREATE TABLE usage AS
        SELECT * EXCLUDE (hour, total, refused, service_tier, speed),
            input + write_5m + write_1h + read AS prompt,
            (NOT refused)::TINYINT AS billed,
            coalesce(service_tier = 'batch', false) AS batch,
            coalesce(speed = 'fast' AND service_tier IS DISTINCT FROM 'batch', false) AS fast,
            coalesce(geo = 'us', false) AS us,
            coalesce(service_tier = 'priority', false) AS priority,
        FROM (
            {_COUNTED.format(source=plain)} UNION ALL BY NAME {_COUNTED.format(source=expanded)}
        )
    """)
    engine.run("DROP TABLE responses")
