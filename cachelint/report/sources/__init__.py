"""Every log format that the report reads, and how a file is recognised as holding one."""

from __future__ import annotations

import json
from typing import Any

from cachelint.report.sources.admin_usage import ADMIN_USAGE
from cachelint.report.sources.bedrock import BEDROCK
from cachelint.report.sources.cachelint_log import CACHELINT_LOG
from cachelint.report.sources.claude_code import CLAUDE_CODE
from cachelint.report.sources.interface import COUNTERS, RECORD, Source
from cachelint.report.sources.langfuse import LANGFUSE
from cachelint.report.sources.litellm import LITELLM
from cachelint.report.sources.messages_api import MESSAGES_API
from cachelint.report.sources.otel_spans import OTEL_SPANS
from cachelint.report.sources.otlp import OTLP

SOURCES: tuple[Source, ...] = (
    CACHELINT_LOG,
    CLAUDE_CODE,
    MESSAGES_API,
    OTLP,
    OTEL_SPANS,
    LITELLM,
    LANGFUSE,
    BEDROCK,
    ADMIN_USAGE,
)

_SAMPLED_LINES = 64
"""How many lines of a sample are parsed, about; they lie evenly in it."""

__all__ = ["COUNTERS", "RECORD", "SOURCES", "Source", "possible_sources", "recognise", "sampled_whole"]


def recognise(sample: bytes) -> tuple[Source, ...]:
    """The sources that wrote the lines of `sample`; those that may have, when it holds no complete line."""
    lines = sample.splitlines()
    some = lines[:: max(len(lines) // _SAMPLED_LINES, 1)]
    records = [record for line in some if isinstance(record := _parsed(line), dict)]
    if not records:
        return possible_sources(sample)
    writers = {_writer(record) for record in records}
    return tuple(source for source in SOURCES if source.name in writers)


def sampled_whole(sample: bytes) -> bool:
    """Whether `recognise` looks at every line of `sample`."""
    return sample.count(b"\n") < 2 * _SAMPLED_LINES - 1


def possible_sources(content: bytes) -> tuple[Source, ...]:
    """The sources of which records may occur in `content`: cheaper than parsing, and never too few."""
    return tuple(source for source in SOURCES if any(needle in content for needle in source.needles))


def _writer(record: dict[str, Any]) -> str | None:
    return next((source.name for source in SOURCES if source.recognises(record)), None)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
