"""Responses of the Messages API as they came, alone or inside a record; results of batches; merged streams."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has
from cachelint.report.sources.messages_usage import MESSAGE, USAGE, has_usage, usage_fields

_USAGE = {name: first(expression, f"held.{expression}") for name, expression in usage_fields("usage").items()}

_INSIDE = ("result.message", "response", "response.body", "body")
"""Where a response can stand inside a record: in that of a batch result, and in those that programs make up."""

_FLAT = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
"""Counters that programs write into records of their own, without an object around them."""

_BATCH = "custom_id IS NOT NULL AND result IS NOT NULL"

_MOMENTS = ("timestamp", "created_at", "ts", "time")
_LATEST_SECONDS = 100_000_000_000
"""Numbers above are milliseconds."""


def _held() -> str:
    """SQL for the response inside a record; null when the record is a response itself."""
    found = (f"WHEN {has_usage(f'{place}.usage')} THEN {place}" for place in _INSIDE if place != "response")
    plain = "STRUCT_PACK(id := response.id, type := response.type, model := response.model, "
    plain += "stop_reason := response.stop_reason, usage := response.usage)"
    return f"CASE WHEN {has_usage('response.usage')} THEN {plain} {' '.join(found)} END"


def _flat_usage() -> str:
    """SQL for the usage object; where it is absent, made of counters that stand beside the model."""
    counters = ", ".join(f"{name} := {name}" for name in _FLAT)
    flat = f"TRY_CAST(to_json(STRUCT_PACK({counters})) AS {USAGE})"
    is_flat = "usage IS NULL AND model IS NOT NULL AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL"
    return f"CASE WHEN {is_flat} THEN {flat} ELSE usage END"


def _moment(column: str) -> str:
    number = f"TRY_CAST({column} AS DOUBLE)"
    seconds = f"CASE WHEN {number} > {_LATEST_SECONDS} THEN {number} / 1000 ELSE {number} END"
    return f"coalesce(TRY(to_timestamp({seconds})), TRY_CAST({column} AS TIMESTAMPTZ))"


def _holds_response(record: object) -> bool:
    holders = (record.get("response"), record.get("body")) if isinstance(record, dict) else ()
    return any(isinstance(holder, dict) and has(holder, "usage", "input_tokens") for holder in holders)


MESSAGES_API = Source(
    name="messages-api",
    title="Messages API responses and batch results",
    recognises=lambda record: (
        has(record, "usage", "input_tokens")
        or has(record, "usage", "output_tokens")
        or {"custom_id", "result"} <= record.keys()
        or {"model", "input_tokens", "output_tokens"} <= record.keys()
        or _holds_response(record)
        or _holds_response(record.get("response"))
    ),
    needles=(b'"input_tokens"', b'"custom_id"', b'"output_tokens"'),
    columns={
        "type": "VARCHAR",
        "id": "VARCHAR",
        "model": "VARCHAR",
        "stop_reason": "VARCHAR",
        "usage": USAGE,
        **dict.fromkeys(_FLAT, "DOUBLE"),
        **dict.fromkeys(_MOMENTS, "VARCHAR"),
        "session_id": "VARCHAR",
        "conversation_id": "VARCHAR",
        "content": "JSON[]",
        "complete": "BOOLEAN",
        "content_empty": "BOOLEAN",
        "custom_id": "VARCHAR",
        "result": f"STRUCT(type VARCHAR, message {MESSAGE})",
        "response": f"{MESSAGE[:-1]}, body {MESSAGE})",
        "body": MESSAGE,
        "schema": "VARCHAR",
        "modelId": "VARCHAR",
    },
    relation=f"(SELECT *, {_held()} AS held FROM (SELECT * REPLACE ({_flat_usage()} AS usage) FROM {{scan}}))",
    usage="schema IS NULL AND modelId IS NULL AND type IS DISTINCT FROM 'result' "
    f"AND ({has_usage('usage')} OR {has_usage('held.usage')})",
    failed="custom_id IS NOT NULL AND result.type IN ('errored', 'canceled', 'expired')",
    fields={
        **_USAGE,
        "id": f"CASE WHEN {has_usage('usage')} THEN id ELSE held.id END",
        "started": f"coalesce({', '.join(map(_moment, _MOMENTS))}) AT TIME ZONE 'UTC'",
        "session": first("nullif(session_id, '')", "nullif(conversation_id, '')"),
        "model": first("held.model", "model"),
        "service_tier": f"CASE WHEN {_BATCH} THEN 'batch' ELSE {_USAGE['service_tier']} END",
        "stop_reason": first("stop_reason", "held.stop_reason"),
        "content_empty": first("content_empty", "len(content) = 0"),
        "output_known": "complete",
    },
)
