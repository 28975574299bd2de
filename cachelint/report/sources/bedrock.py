"""Bedrock: Converse responses, and invocation logs that hold them. Input tokens are the uncached ones, as in the
Messages API."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has

_CONVERSE = (
    "STRUCT(inputTokens DOUBLE, outputTokens DOUBLE, cacheReadInputTokens DOUBLE, cacheWriteInputTokens DOUBLE, "
    "cacheReadInputTokenCount DOUBLE, cacheWriteInputTokenCount DOUBLE, cacheDetails STRUCT(ttl VARCHAR, "
    "inputTokens DOUBLE)[])"
)


def _written(ttl: str) -> str:
    """SQL for the tokens written with a TTL, null without a breakdown."""
    return (
        "CASE WHEN counts.cacheDetails IS NOT NULL THEN coalesce(list_sum(list_transform("
        f"list_filter(counts.cacheDetails, lambda entry: entry.ttl = '{ttl}'), lambda entry: entry.inputTokens)), "
        f"0) END"
    )


BEDROCK = Source(
    name="bedrock",
    title="Bedrock Converse responses",
    recognises=lambda record: has(record, "usage", "inputTokens") or "schemaType" in record or "modelId" in record,
    needles=(b'"inputTokens"',),
    columns={
        "ResponseMetadata": "STRUCT(RequestId VARCHAR)",
        "requestId": "VARCHAR",
        "modelId": "VARCHAR",
        "model": "VARCHAR",
        "timestamp": "TIMESTAMPTZ",
        "stopReason": "VARCHAR",
        "schemaType": "VARCHAR",
        "usage": _CONVERSE,
        "output": f"STRUCT(outputBodyJson STRUCT(stopReason VARCHAR, usage {_CONVERSE}))",
    },
    relation="""(
        SELECT *, CASE WHEN usage.inputTokens IS NOT NULL THEN usage
            ELSE output.outputBodyJson.usage END AS counts FROM {scan}
    )""",
    usage="counts.inputTokens IS NOT NULL OR counts.outputTokens IS NOT NULL",
    known="schemaType IS NOT NULL",
    fields={
        "id": first("requestId", "ResponseMetadata.RequestId"),
        "started": "timestamp AT TIME ZONE 'UTC'",
        "platform": "'bedrock'",
        "model": first("modelId", "model"),
        "stop_reason": first("stopReason", "output.outputBodyJson.stopReason"),
        "input": "counts.inputTokens",
        "writes": first("counts.cacheWriteInputTokens", "counts.cacheWriteInputTokenCount"),
        "write_5m": _written("5m"),
        "write_1h": _written("1h"),
        "read": first("counts.cacheReadInputTokens", "counts.cacheReadInputTokenCount"),
        "output": "counts.outputTokens",
    },
)
