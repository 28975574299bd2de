"""cachelint's own usage log: one line for each response, with fingerprints of its prompt."""

from __future__ import annotations

from cachelint.report.sources.interface import Source
from cachelint.report.sources.messages_usage import USAGE, has_usage, usage_fields

_OURS = "(schema LIKE 'cachelint/%')"
_ON_SERVER = "coalesce(thread, false)"
_SENT = "kind IS DISTINCT FROM 'count_tokens' AND kind IS DISTINCT FROM 'batch_create'"
_ANSWERED = f"(status IS NULL OR status < 400) AND {has_usage('usage')}"
"""A stream that broke off has an error and usage: what it read and wrote until then is billed (D29)."""

CACHELINT_LOG = Source(
    name="cachelint",
    title="cachelint usage logs",
    recognises=lambda record: str(record.get("schema")).startswith("cachelint/"),
    needles=(b'"cachelint/',),
    columns={
        "schema": "VARCHAR",
        "id": "VARCHAR",
        "request_id": "VARCHAR",
        "kind": "VARCHAR",
        "status": "DOUBLE",
        "error": "VARCHAR",
        "started": "TIMESTAMPTZ",
        "first_token_ms": "DOUBLE",
        "model": "VARCHAR",
        "model_requested": "VARCHAR",
        "platform": "VARCHAR",
        "workspace": "VARCHAR",
        "session": "VARCHAR",
        "call_site": "VARCHAR",
        "function": "VARCHAR",
        "pid": "DOUBLE",
        "host": "VARCHAR",
        "stop_reason": "VARCHAR",
        "content_empty": "BOOLEAN",
        "complete": "BOOLEAN",
        "usage": USAGE,
        "diagnostics": "STRUCT(requested BOOLEAN, reason JSON)",
        "markers": 'STRUCT("position" VARCHAR, ttl VARCHAR)[]',
        "automatic": "VARCHAR",
        "blocks": "INTEGER",
        "estimated_tokens": "DOUBLE",
        "fingerprints": "STRUCT(tools VARCHAR, system VARCHAR, parameters JSON)",
        "divergence": "JSON",
        "thread": "BOOLEAN",
        "lost_records": "DOUBLE",
    },
    usage=f"{_OURS} AND {_SENT} AND {_ANSWERED}",
    failed=f"{_OURS} AND {_SENT} AND (status >= 400 OR error IS NOT NULL)",
    known=_OURS,
    fields={
        **usage_fields("usage"),
        "id": "id",
        "alias": "request_id",
        "request_id": "request_id",
        "started": "started AT TIME ZONE 'UTC'",
        "first_token_ms": "first_token_ms",
        "session": "session",
        "call_site": "call_site",
        "function": "function",
        "process": "host || ' ' || TRY_CAST(pid AS BIGINT)",
        "workspace": "workspace",
        "platform": "platform",
        "model": "coalesce(model, model_requested)",
        "service_tier": "CASE WHEN kind = 'batch' THEN 'batch' ELSE usage.service_tier END",
        "stop_reason": "stop_reason",
        "content_empty": "content_empty",
        "output_known": "complete",
        "markers": "CASE WHEN markers IS NULL THEN NULL ELSE len(markers) + (automatic IS NOT NULL)::INTEGER END",
        "marker_1h": "automatic = '1h' OR len(list_filter(markers, lambda marker: marker.ttl = '1h')) > 0",
        "blocks": "blocks",
        "estimated_tokens": "estimated_tokens",
        "tools_fingerprint": f"CASE WHEN NOT {_ON_SERVER} THEN fingerprints.tools END",
        "system_fingerprint": f"CASE WHEN NOT {_ON_SERVER} THEN fingerprints.system END",
        "parameters": f"CASE WHEN NOT {_ON_SERVER} THEN fingerprints.parameters END",
        "miss_reason": "CASE WHEN diagnostics.requested THEN json_extract_string(diagnostics.reason, '$.type') END",
        "divergence": "divergence",
        "lost_records": "lost_records",
    },
)
