"""OpenTelemetry spans in OTLP JSON, as collectors write them: one export request on each line."""

from __future__ import annotations

from cachelint.report.sources.interface import Source
from cachelint.report.sources.spans import IS_CALL, IS_FAILED_CALL, span_fields, span_relation

_VALUE = "STRUCT(stringValue VARCHAR, intValue VARCHAR, doubleValue DOUBLE)"
_SPAN = (
    "STRUCT(spanId VARCHAR, startTimeUnixNano VARCHAR, status STRUCT(code VARCHAR), "
    f'attributes STRUCT("key" VARCHAR, "value" {_VALUE})[])'
)
_SCOPES = f"STRUCT(spans {_SPAN}[])[]"
"""The scopes of a resource; before version 0.15 of the protocol they were called instrumentation libraries."""

OTLP = Source(
    name="otlp",
    title="OpenTelemetry spans (OTLP JSON)",
    recognises=lambda record: "resourceSpans" in record,
    needles=(b'"resourceSpans"',),
    columns={"resourceSpans": f"STRUCT(scopeSpans {_SCOPES}, instrumentationLibrarySpans {_SCOPES})[]"},
    relation=span_relation("""(
        SELECT file_index, resourceSpans IS NOT NULL AS exported, span.spanId AS span_id,
            span.startTimeUnixNano AS nanoseconds, span.status.code IN ('2', 'STATUS_CODE_ERROR') AS errored,
            to_json(TRY(map_from_entries(list_transform(span.attributes, lambda item: {
                'k': item.key,
                'v': coalesce(item.value.stringValue, item.value.intValue, item.value.doubleValue::VARCHAR)
            })))) AS attributes
        FROM (
            SELECT *, unnest(CASE WHEN len(spans) > 0 THEN spans ELSE [NULL] END) AS span FROM (
                SELECT *, flatten(list_transform(flatten(list_transform(
                    resourceSpans, lambda resource: coalesce(resource.scopeSpans,
                        resource.instrumentationLibrarySpans))), lambda scope: scope.spans)) AS spans
                FROM {scan}
            )
        )
    )"""),
    usage=IS_CALL,
    failed=IS_FAILED_CALL,
    known="exported",
    fields={
        **span_fields(),
        "alias": "span_id",
        "started": "TRY(make_timestamp(TRY_CAST(nanoseconds AS BIGINT) // 1000))",
    },
)
