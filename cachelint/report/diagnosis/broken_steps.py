"""Why a step of a conversation did not read what the step before it had cached: the first cause that applies.

The order is that of facts A.9: a changed parameter, changed tools, a changed system prompt, rewritten messages,
expiry, a cold start in parallel, the lookback window, stripped thinking, ignored markers, unknown. (A change of model
has no step: see `LANE_CHANGES`.)
"""

from __future__ import annotations

from cachelint.report.usage import CONVERSATION

_TIER_OF_REASON = """
CASE miss_reason WHEN 'tools_changed' THEN 'tools' WHEN 'system_changed' THEN 'system'
    WHEN 'messages_changed' THEN 'messages' END
"""
"""What the API's own diagnosis says changed. Its other reasons name no tier."""

_CHANGED_PARAMETERS = """
list_filter(list_distinct(list_concat(json_keys(parameters), json_keys(previous_parameters))),
    lambda key: json_extract_string(parameters, '$.' || key)
        IS DISTINCT FROM json_extract_string(previous_parameters, '$.' || key))
"""

_EVIDENCE = f"""
SELECT *,
    json_extract_string(divergence, '$.tier') AS diverged_tier,
    {_TIER_OF_REASON} AS reported_tier,
    CASE WHEN previous_parameters IS NOT NULL AND parameters IS NOT NULL
        THEN {_CHANGED_PARAMETERS} END AS changed_parameters,
    coalesce(tools_fingerprint <> previous_tools, false) AS tools_changed,
    coalesce(system_fingerprint <> previous_system, false) AS system_changed,
    prompt < previous_cached - greatest(32, previous_cached // 100) AS shortened,
    EXISTS (FROM compactions WHERE compactions.conversation = broken.conversation
        AND compactions.started BETWEEN broken.previous_started AND broken.started) AS compacted,
    system_fingerprint IS NOT NULL AND tools_fingerprint IS NOT NULL AS fingerprinted,
    coalesce(previous_started + to_milliseconds(previous_first_token_ms) > started, false) AS started_early,
    count(*) FILTER (alive) OVER same_read >= 3 AND read > 0 AS reads_the_same_again,
    count(*) FILTER (alive AND write_5m + write_1h >= 0.8 * prompt) OVER conversation_lane >= 3 AS rewrites_every_turn,
    (conversation, lane) IN (SELECT conversation, lane FROM never_read_lanes) AS never_read
FROM (
    SELECT requests.*,
        before.blocks AS previous_blocks, before.tools_fingerprint AS previous_tools,
        before.system_fingerprint AS previous_system, before.parameters AS previous_parameters,
        before.first_token_ms AS previous_first_token_ms
    FROM requests LEFT JOIN prompts AS before ON before.response = requests.previous
    WHERE NOT healthy AND selected
) AS broken
WINDOW same_read AS (PARTITION BY conversation, lane, read), conversation_lane AS (PARTITION BY conversation, lane)
"""

_CAUSE = """
CASE
    WHEN array_length(changed_parameters) > 0 THEN 'CL804'
    WHEN tools_changed OR diverged_tier = 'tools' THEN 'CL801'
    WHEN system_changed OR diverged_tier = 'system' THEN 'CL802'
    WHEN diverged_tier = 'messages' THEN 'CL803'
    WHEN miss_reason = 'model_changed' THEN 'CL805'
    WHEN reported_tier = 'tools' THEN 'CL801'
    WHEN reported_tier = 'system' THEN 'CL802'
    WHEN reported_tier = 'messages' OR compacted OR shortened THEN 'CL803'
    WHEN NOT alive THEN 'CL806'
    WHEN started_early AND read = 0 THEN 'CL810'
    WHEN fingerprinted AND blocks - previous_blocks > 20 THEN 'CL811'
    WHEN strips_thinking AND read > 0 AND json_extract_string(parameters, '$.thinking') IS NOT NULL THEN 'CL812'
    WHEN markers = 0 THEN 'CL809'
    WHEN markers > 0 AND cached = 0 THEN 'CL808'
    WHEN never_read THEN 'CL807'
    WHEN NOT fingerprinted AND (reads_the_same_again OR rewrites_every_turn) THEN 'CL803'
    ELSE 'CL814'
END
"""

_DIVERGENCE = """
concat('diverges at ', json_extract_string(divergence, '$.position'),
    coalesce('+' || json_extract_string(divergence, '$.offset'), ''), ', ',
    CASE WHEN coalesce(json_extract_string(divergence, '$.change'), 'text') IN ('text', 'value')
        THEN coalesce('looks like a ' || json_extract_string(divergence, '$.after'), 'text')
        ELSE replace(json_extract_string(divergence, '$.change'), '-', ' ') END)
"""

_DETAIL = f"""
CASE
    WHEN code = 'CL804' THEN array_to_string(list_sort(changed_parameters), ', ')
    WHEN divergence IS NOT NULL AND diverged_tier IS NOT NULL THEN {_DIVERGENCE}
    WHEN code = 'CL803' AND compacted THEN 'the conversation was compacted'
    WHEN code = 'CL803' AND shortened THEN 'the prompt is shorter than what was cached'
    WHEN code = 'CL803' AND reported_tier IS NULL THEN 'only the same first part is read, turn after turn'
    WHEN code = 'CL811' THEN (blocks - previous_blocks) || ' blocks were added at once'
    WHEN code = 'CL809' THEN 'without a breakpoint, after requests that had some'
    WHEN code = 'CL808' THEN 'markers had no effect although the prompt is long enough'
    WHEN reported_tier IS NOT NULL THEN 'says the API'
    WHEN code = 'CL814' AND miss_reason = 'unavailable'
        THEN 'the API has no diagnosis: thinking, tool_choice, an output option or a beta may differ'
    WHEN code = 'CL814' AND read > 0 THEN 'an earlier breakpoint was read: tools and system prompt are not to blame'
    WHEN code = 'CL814' THEN 'nothing was read'
END
"""

BROKEN_STEPS = f"""
SELECT response, code, lost AS tokens, lost_cost AS cost, alive AS recoverable, gap, previous_ttl AS ttl,
    {_DETAIL} AS detail,
    CASE
        WHEN code = 'CL814' THEN 'unknown'
        WHEN compacted OR code = 'CL812' OR (code = 'CL806' AND gap > 3600) THEN 'expected'
        ELSE 'avoidable'
    END AS verdict,
    CASE
        WHEN code IN ('CL801', 'CL802', 'CL804', 'CL811', 'CL808', 'CL809') OR diverged_tier IS NOT NULL THEN 'high'
        WHEN reported_tier IS NOT NULL OR compacted OR shortened OR code IN ('CL806', 'CL805', 'CL807', 'CL810')
            THEN 'medium'
        ELSE 'low'
    END AS confidence
FROM (SELECT *, {_CAUSE} AS code FROM ({_EVIDENCE}))
"""
"""SELECT of one row for each broken step: `response`, `code`, `tokens`, `cost`, `recoverable`, `gap`, `ttl`,
`detail`, `verdict`, `confidence`."""

PROMPTS = """
CREATE TEMP VIEW prompts AS
SELECT rowid AS response, markers, blocks, estimated_tokens, tools_fingerprint, system_fingerprint, parameters,
    miss_reason, divergence, first_token_ms
FROM records
"""
"""What is known of the prompt of each response."""

NEVER_READ_LANES = """
CREATE TEMP TABLE never_read_lanes AS
SELECT conversation, lane FROM counted WHERE leads AND conversation IS NOT NULL
GROUP BY conversation, lane
HAVING count(*) >= 3 AND sum(read) = 0 AND sum(write_5m + write_1h) > 0
"""
"""Facts A.9, S5: conversations that write again and again and never read."""

COMPACTIONS = f"""
CREATE TEMP TABLE compactions AS
SELECT DISTINCT {CONVERSATION} AS conversation, started FROM records
WHERE reading = 'compaction' AND conversation IS NOT NULL AND started IS NOT NULL
"""
"""When conversations were compacted, as far as the log says."""
