"""Claude Code: its transcripts, and what it prints as JSON lines (`--output-format stream-json`).

Messages of sub-agents stand beside those of the conversation, nested in `progress` records in older transcripts. The
`result` at the end of printed lines repeats their sums.
"""

from __future__ import annotations

from cachelint.report.sources.interface import Source, has
from cachelint.report.sources.messages_usage import MESSAGE, has_usage, usage_fields

_PROGRESS = (
    "STRUCT(agentId VARCHAR, "
    f"message STRUCT(timestamp TIMESTAMPTZ, uuid VARCHAR, requestId VARCHAR, message {MESSAGE}))"
)
_NESTED = has_usage("data.message.message.usage")
_PRINTED = ("system", "assistant", "user", "result", "stream_event")

CLAUDE_CODE = Source(
    name="claude-code",
    title="Claude Code transcripts",
    recognises=lambda record: (
        ("sessionId" in record and "traceId" not in record)
        or "parentUuid" in record
        or record.get("type") in ("file-history-snapshot", "summary")
        or ("session_id" in record and record.get("type") in _PRINTED)
        or has(record, "message", "usage")
    ),
    needles=(
        b'"sessionId"',
        b'"parentUuid"',
        b'"message":',
        b'"message" :',
        b'"file-history-snapshot"',
        b'"total_cost_usd"',
    ),
    columns={
        "type": "VARCHAR",
        "subtype": "VARCHAR",
        "timestamp": "TIMESTAMPTZ",
        "sessionId": "VARCHAR",
        "session_id": "VARCHAR",
        "parent_tool_use_id": "VARCHAR",
        "uuid": "VARCHAR",
        "requestId": "VARCHAR",
        "agentId": "VARCHAR",
        "isSidechain": "BOOLEAN",
        "cwd": "VARCHAR",
        "custom_id": "VARCHAR",
        "schema": "VARCHAR",
        "traceId": "VARCHAR",
        "message": MESSAGE,
        "data": _PROGRESS,
    },
    relation=f"""(
        SELECT *, {_NESTED} AS nested,
            CASE WHEN {_NESTED} THEN data.message.message ELSE message END AS response
        FROM {{scan}}
    )""",
    usage="schema IS NULL AND custom_id IS NULL AND type IS DISTINCT FROM 'message_start' AND "
    + has_usage("response.usage"),
    known=f"""type IS NOT NULL AND traceId IS NULL AND (sessionId IS NOT NULL OR uuid IS NOT NULL
        OR type IN ('file-history-snapshot', 'summary') OR (session_id IS NOT NULL AND type IN {_PRINTED}))""",
    compaction="type = 'system' AND subtype = 'compact_boundary'",
    fields={
        **usage_fields("response.usage"),
        "id": "response.id",
        "alias": "CASE WHEN nested THEN data.message.uuid ELSE uuid END",
        "request_id": "CASE WHEN nested THEN data.message.requestId ELSE requestId END",
        "started": "coalesce(CASE WHEN nested THEN data.message.timestamp END, timestamp) AT TIME ZONE 'UTC'",
        "session": "coalesce(sessionId, session_id)",
        "thread": "coalesce(data.agentId, agentId, parent_tool_use_id, CASE WHEN isSidechain THEN 'sidechain' END)",
        "model": "response.model",
        "stop_reason": "response.stop_reason",
    },
)
