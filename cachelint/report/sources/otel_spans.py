"""OpenTelemetry spans one by one, as console and file exporters write them, with attributes as one object."""

from __future__ import annotations

from cachelint.report.sources.interface import Source
from cachelint.report.sources.spans import IS_CALL, IS_FAILED_CALL, span_fields, span_relation

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
        "status": "JSON",
        "status_code": "VARCHAR",
        "name": "VARCHAR",
        "parent_id": "VARCHAR",
    },
    relation=span_relation("""(
        SELECT *, coalesce(status->>'status_code', status_code) = 'ERROR' AS errored FROM {scan}
    )"""),
    usage=f"attributes IS NOT NULL AND {IS_CALL}",
    failed=IS_FAILED_CALL,
    known="attributes IS NOT NULL OR context.span_id IS NOT NULL",
    fields={
        **span_fields(),
        "alias": "coalesce(context.span_id, span_id)",
        "started": "TRY_CAST(start_time AS TIMESTAMPTZ) AT TIME ZONE 'UTC'",
    },
)
