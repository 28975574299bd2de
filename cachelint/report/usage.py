"""The usage table: what each response was billed for, in whole tokens by class, one row for each model that worked.

A response without `iterations` is one row. One with them is a row for each entry, because the top level counts some
entries and leaves out others (facts C.1); exactly one row of a response leads: the last answer of the serving model,
whose prompt is the one that was cached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.record_columns import LANE

if TYPE_CHECKING:
    from collections.abc import Collection

    from cachelint.report.engine import Engine

CONVERSATION = "CASE WHEN started IS NOT NULL THEN conversation END"
"""SQL for the number of the conversation of a request: a session, or a sub-agent inside one. Null for a request that
continues nothing that the log knows of."""

_ENTRY = (
    '[{"type": "VARCHAR", "model": "VARCHAR", "input_tokens": "DOUBLE", "output_tokens": "DOUBLE", '
    '"cache_creation_input_tokens": "DOUBLE", "cache_read_input_tokens": "DOUBLE", '
    '"cache_creation": {"ephemeral_5m_input_tokens": "DOUBLE", "ephemeral_1h_input_tokens": "DOUBLE"}}]'
)

_COMMON = """response, started, source, call_site, workspace, platform, output_known,
    conversation IS NOT NULL AS in_session, identity AS tie,
    batch, fast, us, priority, lifetime_assumed,
    markers, blocks, estimated_tokens, tools_fingerprint, system_fingerprint, parameters,
    miss_reason, divergence, first_token_ms"""

BILLED = "CASE WHEN refused THEN 0 ELSE 1 END AS billed"

RESPONSE_TOKENS = """input, write_5m, write_1h, read,
    CASE WHEN output_known IS DISTINCT FROM false THEN coalesce(output, 0) ELSE 0 END AS output, searches, prompt"""
"""SQL for the tokens of a response without entries, by class."""

ENTRY_TOKENS = """input::BIGINT AS input, greatest(total - hour, 0)::BIGINT AS write_5m, hour::BIGINT AS write_1h,
    read::BIGINT AS read, output::BIGINT AS output, CASE WHEN leads THEN searches ELSE 0 END AS searches,
    (input + greatest(total, hour) + read)::BIGINT AS prompt"""
"""SQL for the tokens of an entry, by class, over `ENTRY_COUNTS`."""

LEADING_ENTRY = """coalesce(
    max(position) FILTER (entry.type IN ('message', 'fallback_message')) OVER (PARTITION BY response),
    max(position) OVER (PARTITION BY response))"""
"""SQL for the position of the last answer of the serving model."""

ENTRY_COUNTS = """
coalesce(entry.model, model) AS model,
coalesce(entry.input_tokens, 0) AS input,
coalesce(entry.cache_read_input_tokens, 0) AS read,
CASE WHEN output_known IS DISTINCT FROM false THEN coalesce(entry.output_tokens, 0) ELSE 0 END AS output,
-- a declined hop of a fallback chain is reported, and free
refused OR coalesce(
    entry.type = 'message' AND entry.model <> model AND coalesce(entry.output_tokens, 0) = 0, false) AS refused,
coalesce(entry.cache_creation.ephemeral_1h_input_tokens, 0) AS hour,
CASE WHEN coalesce(entry.cache_creation_input_tokens, 0) > 0
        AND entry.cache_creation_input_tokens
            >= coalesce(entry.cache_creation.ephemeral_1h_input_tokens, 0)
    THEN entry.cache_creation_input_tokens
    ELSE coalesce(entry.cache_creation.ephemeral_5m_input_tokens, 0)
        + coalesce(entry.cache_creation.ephemeral_1h_input_tokens, 0) END AS total,
coalesce(entry.cache_creation_input_tokens > 0
    AND coalesce(entry.cache_creation.ephemeral_5m_input_tokens, 0)
        + coalesce(entry.cache_creation.ephemeral_1h_input_tokens, 0)
        > entry.cache_creation_input_tokens, false) AS inconsistent
"""
"""SQL for what an entry of `iterations` counts, over `entry` and what its response says."""

_PLAIN = f"""
SELECT {_COMMON}, true AS leads, model, lane, {CONVERSATION} AS conversation, inconsistent,
    {RESPONSE_TOKENS},
    CASE WHEN write_1h > 0 OR marker_1h THEN 3600 ELSE 300 END AS ttl,
    {BILLED}
"""

_ENTRIES = f"""
SELECT *, position = {LEADING_ENTRY} AS leads
FROM (
    SELECT *, list_extract(entries, position) AS entry FROM (
        SELECT *, unnest(generate_series(1, array_length(entries))) AS position
        FROM (SELECT *, from_json(iterations, '{_ENTRY}') AS entries FROM responses WHERE iterations IS NOT NULL)
        WHERE array_length(entries) > 0
    )
)
"""

_EXPANDED = f"""
SELECT {_COMMON}, leads, model, {LANE} AS lane, {CONVERSATION} AS conversation, inconsistent,
    {ENTRY_TOKENS},
    CASE WHEN hour > 0 OR marker_1h THEN 3600 ELSE 300 END AS ttl,
    {BILLED}
FROM (
    SELECT * EXCLUDE (input, read, output, refused, model, inconsistent),
        {ENTRY_COUNTS}    FROM ({_ENTRIES})
)
"""


def create_counted(engine: Engine, kept: Collection[str] = ()) -> None:
    """Create the view `counted` over `responses`: writes by lifetime, and what is needed to price and compare.

    `conversation` numbers what a request belongs to, `lane` what it is compared with. `kept` names further columns of
    `records` to hand on.
    """
    (iterated,) = engine.row(
        "SELECT count(*) FROM records WHERE iterations IS NOT NULL AND iterations::VARCHAR <> '[]'"
    )
    more = "".join(f", {name}" for name in kept)
    plain = f"{_PLAIN}{more} FROM responses"
    if iterated:
        expanded = _EXPANDED.replace("AS billed", f"AS billed{more}")
        engine.run(f"CREATE TABLE expanded AS {expanded}")
        plain += " WHERE response NOT IN (SELECT response FROM expanded) UNION ALL SELECT * FROM expanded"
    engine.run(f"CREATE TEMP VIEW counted AS {plain}")
