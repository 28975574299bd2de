"""The `usage` object of the Messages API: its type, and its counters as columns of the common record."""

from __future__ import annotations

USAGE = (
    "STRUCT(input_tokens DOUBLE, output_tokens DOUBLE, cache_creation_input_tokens DOUBLE, "
    "cache_read_input_tokens DOUBLE, "
    "cache_creation STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE), "
    "server_tool_use STRUCT(web_search_requests DOUBLE), service_tier VARCHAR, speed VARCHAR, inference_geo "
    "VARCHAR, iterations JSON)"
)
"""Counters are read as DOUBLE, which holds every real count exactly and lets fractions and overflows be seen and
refused."""

MESSAGE = f"STRUCT(id VARCHAR, type VARCHAR, model VARCHAR, stop_reason VARCHAR, usage {USAGE})"
"""A response of the Messages API, without its content."""


def has_usage(usage: str) -> str:
    """SQL predicate: the struct `usage` is a usage object and not merely something under that key."""
    return f"({usage}.input_tokens IS NOT NULL OR {usage}.output_tokens IS NOT NULL)"


def usage_fields(usage: str) -> dict[str, str]:
    """Column of the common record -> SQL expression over the struct `usage`."""
    return {
        "input": f"{usage}.input_tokens",
        "writes": f"{usage}.cache_creation_input_tokens",
        "write_5m": f"{usage}.cache_creation.ephemeral_5m_input_tokens",
        "write_1h": f"{usage}.cache_creation.ephemeral_1h_input_tokens",
        "read": f"{usage}.cache_read_input_tokens",
        "output": f"{usage}.output_tokens",
        "searches": f"{usage}.server_tool_use.web_search_requests",
        "service_tier": f"{usage}.service_tier",
        "speed": f"{usage}.speed",
        "geo": f"{usage}.inference_geo",
        "iterations": f"{usage}.iterations",
    }
