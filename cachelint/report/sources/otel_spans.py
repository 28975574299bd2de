"""OpenTelemetry spans one by one, as console and file exporters write them, with attributes as one object."""

from __future__ import annotations

from cachelint.report.sources.interface import Source
from cachelint.report.sources.spans import span_counts, span_fields

OTEL_SPANS = Source(
    name="otel-spans",
    title="OpenTelemetry spans",
    recognises=lambda record: isinstance(record.get("attributes"), dict),
    needles=(b'"gen_ai.', b'"llm.', b'"token_count"', b'"gen_ai"'),
    columns={
        "attributes": "JSON",
        "context": "STRUCT(span_id VARCHAR)",
        "span_id": "VARCHAR",
        "start_time": "VARCHAR",
        "name": "VARCHAR",
        "parent_id": "VARCHAR",
    },
    relation=f"(SELECT *, {span_counts('attributes')} FROM {{scan}})",
    usage="attributes IS NOT NULL AND (total IS NOT NULL OR output IS NOT NULL)",
    known="attributes IS NOT NULL OR context.span_id IS NOT NULL",
    fields={
        **span_fields("attributes"),
        "alias": "coalesce(context.span_id, span_id)",
        "started": "TRY_CAST(start_time AS TIMESTAMPTZ) AT TIME ZONE 'UTC'",
    },
)
