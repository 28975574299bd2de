"""What spans of OpenTelemetry instrumentations call things, and how their counts become ours.

The SDK's own tracing, OpenLLMetry, OpenInference, Logfire and the AI SDK spell the same counters differently, and all
of them mean the *whole* prompt by input tokens, so that cached tokens must be subtracted (facts A.10, D3, D26). Where
the sum would be negative the instrumentation passed on the API's own uncached count, which is then taken as it is (D4).
Some carry the API's usage object as well: then that is what counts, as it also knows lifetimes and geography.
"""

from __future__ import annotations

from cachelint.report.sources.messages_usage import USAGE, usage_fields

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "total": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.usage.prompt_tokens",
        "llm.token_count.prompt",
    ),
    "output": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.usage.completion_tokens",
        "llm.token_count.completion",
    ),
    "read": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens",
        "gen_ai.usage.prompt_details.cache_read",
        "gen_ai.usage.details.cache_read_input_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "llm.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "ai.usage.inputTokenDetails.cacheReadTokens",
        "ai.usage.cachedInputTokens",
    ),
    "writes": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_tokens",
        "gen_ai.usage.cache_creation_tokens",
        "gen_ai.usage.prompt_details.cache_write",
        "gen_ai.usage.details.cache_creation_input_tokens",
        "gen_ai.usage.details.cache_write_tokens",
        "llm.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
        "ai.usage.inputTokenDetails.cacheWriteTokens",
    ),
    "write_5m": ("anthropic.usage.cache_creation.ephemeral_5m_input_tokens",),
    "write_1h": ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens",),
    "model": (
        "gen_ai.response.model",
        "gen_ai.request.model",
        "llm.response.model",
        "llm.response.model_name",
        "llm.model_name",
        "llm.request.model",
    ),
    "id": ("gen_ai.response.id", "llm.response.id"),
    "request_id": ("anthropic.request.id",),
    "session": (
        "session.id",
        "gen_ai.conversation.id",
        "langfuse.session.id",
        "traceloop.association.properties.session_id",
        "ai.telemetry.metadata.sessionId",
    ),
    "workspace": ("anthropic.workspace.id",),
    "platform": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "service_tier": ("anthropic.response.service_tier", "gen_ai.response.service_tier"),
    "stop_reason": ("anthropic.message.stop_reason", "llm.response.stop_reason", "llm.finish_reason"),
    "finish_reasons": ("gen_ai.response.finish_reasons",),
    "call_site": ("cachelint.call_site",),
    "file": ("code.file.path", "code.filepath"),
    "line": ("code.line.number", "code.lineno"),
    "first_chunk": ("gen_ai.response.time_to_first_chunk",),
    "operation": ("gen_ai.operation.name",),
    "kind": ("openinference.span.kind", "traceloop.span.kind", "langfuse.observation.type", "langsmith.span.kind"),
    "markers": ("cachelint.prompt.breakpoints",),
    "blocks": ("cachelint.prompt.blocks",),
}

_COUNTS = ("total", "read", "writes", "write_5m", "write_1h", "output")

_SUMMARIES = "('invoke_agent', 'create_agent', 'invoke_workflow', 'execute_tool', 'embeddings', 'retrieval', 'rerank')"
"""Operations whose spans may repeat the counters of the calls below them, or have none of a Claude model."""

_CALL_KINDS = "('llm', 'generation', 'chat', 'completion')"


def span_attribute(attributes: str, name: str) -> str:
    """SQL for one of our fields as text, from a JSON object of attributes with dotted or nested keys."""
    found = []
    for key in _SPELLINGS[name]:
        nested = ".".join(f'"{part}"' for part in key.split("."))
        found += [
            f"json_extract_string({attributes}, '$.\"{key}\"')",
            f"json_extract_string({attributes}, '$.{nested}')",
        ]
    return f"coalesce({', '.join(found)})"


def span_relation(spans: str) -> str:
    """SQL for a relation of spans with the JSON column `attributes`, and what `span_fields` needs beside it."""
    counts = ", ".join(f"TRY_CAST({span_attribute('attributes', name)} AS DOUBLE) AS {name}" for name in _COUNTS)
    texts = ", ".join(
        f"{span_attribute('attributes', name)} AS called_{name}" for name in ("operation", "kind", "model", "id")
    )
    return f"""(
        SELECT *, CASE WHEN total IS NOT NULL OR output IS NOT NULL THEN {_response_usage()} END AS raw,
            json_extract_string(answer, '$.id') AS answer_id
        FROM (
            SELECT *, {counts}, {texts}, TRY_CAST({_text("output.value")} AS JSON) AS answer FROM {spans}
        )
    )"""


def _text(key: str) -> str:
    return f"json_extract_string(attributes, '$.\"{key}\"')"


def _response_usage() -> str:
    """SQL for the usage object of the API, where an instrumentation carries it along; null where it does not."""
    carried = (
        f"TRY_CAST({_text('gen_ai.usage.raw')} AS JSON)",
        "json_extract(answer, '$.usage')",
        f"json_extract(TRY_CAST({_text('ai.response.providerMetadata')} AS JSON), '$.anthropic.usage')",
    )
    objects = (f"CASE WHEN {usage}->>'input_tokens' IS NOT NULL THEN {usage} END" for usage in carried)
    return f"TRY_CAST(coalesce({', '.join(objects)}) AS {USAGE})"


IS_CALL = (
    f"coalesce(called_operation NOT IN {_SUMMARIES}, true) AND coalesce(lower(called_kind) IN {_CALL_KINDS}, true) "
    "AND (total IS NOT NULL OR output IS NOT NULL)"
)
"""SQL predicate over `span_relation`: the span is one call of a model, and not a sum over such spans (or a log of
something else)."""

IS_FAILED_CALL = f"""errored AND called_model IS NOT NULL
    AND (called_operation IN ('chat', 'text_completion', 'generate_content') OR lower(called_kind) IN {_CALL_KINDS})"""
"""SQL predicate over `span_relation` with `errored`: a call of a model that has no counters and ended in an error."""


def uncached(total: str, cached: str) -> str:
    """SQL for the uncached input tokens, given an inclusive `total` that may turn out to be exclusive."""
    return f"CASE WHEN {total} >= {cached} THEN {total} - {cached} ELSE {total} END"


def span_fields() -> dict[str, str]:
    """Column of the common record -> SQL expression over `span_relation`."""
    attribute = {name: span_attribute("attributes", name) for name in _SPELLINGS}
    cached = "(coalesce(read, 0) + coalesce(writes, coalesce(write_5m, 0) + coalesce(write_1h, 0)))"
    place = f"{attribute['file']} || coalesce(':' || {attribute['line']}, '')"
    counters = {name: name for name in _COUNTS if name != "total"}
    counters |= {"input": uncached("total", cached), "service_tier": attribute["service_tier"]}
    return {
        **{name: attribute[name] for name in ("request_id", "session", "workspace", "platform")},
        **{
            name: f"CASE WHEN raw IS NULL THEN {counters.get(name, 'NULL')} ELSE {counter} END"
            for name, counter in usage_fields("raw").items()
        },
        "id": "coalesce(called_id, CASE WHEN answer_id LIKE 'msg_%' THEN answer_id END)",
        "model": "called_model",
        "stop_reason": f"coalesce({attribute['stop_reason']}, trim({attribute['finish_reasons']}, '[]\" '))",
        "call_site": f"coalesce({attribute['call_site']}, {place})",
        "first_token_ms": f"TRY_CAST({attribute['first_chunk']} AS DOUBLE) * 1000",
        "markers": f"TRY_CAST({attribute['markers']} AS INTEGER)",
        "blocks": f"TRY_CAST({attribute['blocks']} AS INTEGER)",
        "divergence": _divergence(),
    }


def _divergence() -> str:
    """SQL for the divergence that cachelint's shim has put on the span of the SDK."""
    names = ("tier", "position", "offset", "change", "before", "after")
    parts = ", ".join(f"'{name}': {_text(f'cachelint.divergence.{name}')}" for name in names)
    return f"CASE WHEN {_text('cachelint.divergence.tier')} IS NOT NULL THEN to_json({{{parts}}}) END"
