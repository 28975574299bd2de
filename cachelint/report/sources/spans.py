"""What spans of OpenTelemetry instrumentations call things, and how their counts become ours.

The SDK's own tracing, OpenLLMetry and OpenInference spell the same counters differently, and all of them mean the
*whole* prompt by input tokens, so that cached tokens must be subtracted (facts A.10, D3, D26). Where the sum would be
negative the instrumentation passed on the API's own uncached count, which is then taken as it is (D4).
"""

from __future__ import annotations

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
        "gen_ai.usage.prompt_details.cache_read",
        "llm.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
    ),
    "writes": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.prompt_details.cache_write",
        "llm.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "write_5m": ("anthropic.usage.cache_creation.ephemeral_5m_input_tokens",),
    "write_1h": ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens",),
    "model": (
        "gen_ai.response.model",
        "gen_ai.request.model",
        "llm.response.model",
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
    ),
    "workspace": ("anthropic.workspace.id",),
    "platform": ("gen_ai.provider.name", "gen_ai.system"),
    "service_tier": ("anthropic.response.service_tier", "gen_ai.response.service_tier"),
    "stop_reason": ("anthropic.message.stop_reason", "llm.response.stop_reason"),
    "call_site": ("code.file.path", "code.filepath"),
}


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


def span_counts(attributes: str) -> str:
    """SQL columns of the counters in a JSON object of span attributes, for use in a SELECT list."""
    names = ("total", "read", "writes", "write_5m", "write_1h", "output")
    return ", ".join(f"TRY_CAST({span_attribute(attributes, name)} AS DOUBLE) AS {name}" for name in names)


def uncached(total: str, cached: str) -> str:
    """SQL for the uncached input tokens, given an inclusive `total` that may turn out to be exclusive."""
    return f"CASE WHEN {total} >= {cached} THEN {total} - {cached} ELSE {total} END"


def span_fields(attributes: str) -> dict[str, str]:
    """Column of the common record -> SQL expression, over columns of `span_counts` and a JSON object of attributes."""
    texts = (
        "model",
        "id",
        "request_id",
        "session",
        "workspace",
        "platform",
        "service_tier",
        "stop_reason",
        "call_site",
    )
    cached = "(coalesce(read, 0) + coalesce(writes, coalesce(write_5m, 0) + coalesce(write_1h, 0)))"
    return {
        **{name: span_attribute(attributes, name) for name in texts},
        "input": uncached("total", cached),
        "writes": "writes",
        "write_5m": "write_5m",
        "write_1h": "write_1h",
        "read": "read",
        "output": "output",
    }
