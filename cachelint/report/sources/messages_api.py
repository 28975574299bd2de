"""Responses of the Messages API as they came, results of message batches, and streams merged while staging."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has
from cachelint.report.sources.messages_usage import MESSAGE, USAGE, has_usage, usage_fields

_USAGE = {
    name: first(f"{expression}", f"result.message.{expression}") for name, expression in usage_fields("usage").items()
}

MESSAGES_API = Source(
    name="messages-api",
    title="Messages API responses and batch results",
    recognises=lambda record: (
        has(record, "usage", "input_tokens")
        or has(record, "usage", "output_tokens")
        or {"custom_id", "result"} <= record.keys()
    ),
    needles=(b'"input_tokens"', b'"custom_id"', b'"output_tokens"'),
    columns={
        "type": "VARCHAR",
        "id": "VARCHAR",
        "model": "VARCHAR",
        "stop_reason": "VARCHAR",
        "usage": USAGE,
        "timestamp": "TIMESTAMPTZ",
        "created_at": "TIMESTAMPTZ",
        "content": "JSON[]",
        "complete": "BOOLEAN",
        "content_empty": "BOOLEAN",
        "custom_id": "VARCHAR",
        "result": f"STRUCT(type VARCHAR, message {MESSAGE})",
        "schema": "VARCHAR",
    },
    usage=f"schema IS NULL AND ({has_usage('usage')} OR {has_usage('result.message.usage')})",
    failed="custom_id IS NOT NULL AND result.type IN ('errored', 'canceled', 'expired')",
    fields={
        **_USAGE,
        "id": first("id", "result.message.id"),
        "started": first("timestamp", "created_at") + " AT TIME ZONE 'UTC'",
        "model": first("model", "result.message.model"),
        "service_tier": "CASE WHEN custom_id IS NOT NULL THEN 'batch' ELSE usage.service_tier END",
        "stop_reason": first("stop_reason", "result.message.stop_reason"),
        "content_empty": first("content_empty", "len(content) = 0"),
        "output_known": "complete",
    },
)
