"""Makes records: of an exchange, and of the results of a batch."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cachelint.prompt.layout import automatic_ttl
from cachelint.prompt.tokens import estimate_tokens
from cachelint.runtime.batches import custom_requests
from cachelint.runtime.diagnostics import diagnosis
from cachelint.runtime.divergence import Divergence
from cachelint.runtime.endpoint import platform_of_host
from cachelint.runtime.exchange import Exchange, Sent
from cachelint.runtime.fingerprint import Fingerprint
from cachelint.runtime.location import host_name
from cachelint.runtime.record import SCHEMA, DivergenceField, UsageRecord
from cachelint.runtime.usage import ResponseFacts
from cachelint.runtime.version import __version__

_HOST = host_name()
_INPUT_COUNTERS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_MUCH = 1_000_000


def record_of(exchange: Exchange, *, excerpts: bool) -> UsageRecord:
    """The record of an exchange that has ended. `excerpts`: with the text around a divergence."""
    sent, facts, asked = exchange.sent, exchange.facts, exchange.asked
    record = _record(exchange, facts)
    _describe_request(record, sent.body)
    diagnostics = diagnosis(sent.body, facts.diagnostics)
    if diagnostics is not None:
        record["diagnostics"] = diagnostics
    if facts.batch is not None:
        record["batch"] = facts.batch
        record["batch_requests"] = sum(1 for _ in custom_requests(sent.body))
    if asked is not None:
        record["session"] = asked.conversation.name
        _describe_prompt(record, asked.fingerprint)
        if asked.divergence is not None:
            record["divergence"] = _divergence(asked.divergence, record, excerpts)
    return record


def batch_request(sent: Sent, parameters: Mapping[str, Any], fingerprint: Fingerprint) -> dict[str, Any]:
    """The fields of a request that was handed in with a batch, for the record of its result."""
    fields: dict[str, Any] = {
        "session": sent.session,
        "call_site": sent.site.place if sent.site else None,
        "function": sent.site.function if sent.site else None,
    }
    _describe_request(fields, parameters)
    _describe_prompt(fields, fingerprint)
    return fields


def record_of_result(exchange: Exchange, event: Mapping[str, Any], asked: Mapping[str, Any], batch: str) -> UsageRecord:
    """The record of one result of a batch. `asked`: what `batch_request` made of its request, or nothing."""
    result = event.get("result")
    result = result if isinstance(result, dict) else {}
    facts = ResponseFacts()
    facts.read(result.get("message"))
    if result.get("type") == "errored":
        facts.read(result.get("error"))
    record = _record(exchange, facts)
    record.update(asked)  # type: ignore[typeddict-item]
    record["kind"] = "batch"
    record["batch"] = batch
    if result.get("type") != "succeeded":
        record["error"] = facts.error or str(result.get("type"))
    return record


def tokens_at_risk(divergence: Divergence, record: UsageRecord) -> int:
    """The lost share of the prompt that was billed; of the estimated prompt when nothing was billed."""
    usage = record.get("usage", {})
    billed = sum(usage[name] for name in _INPUT_COUNTERS if isinstance(usage.get(name), int))
    return round(divergence.lost * (billed or record["estimated_tokens"]))


def _record(exchange: Exchange, facts: ResponseFacts) -> UsageRecord:
    """A record with what is known of any exchange."""
    sent, head = exchange.sent, exchange.head
    record: UsageRecord = {
        "schema": SCHEMA,
        "id": facts.id,
        "request_id": head.request_id,
        "kind": "messages" if sent.endpoint == "batch_results" else sent.endpoint,
        "method": sent.method if sent.endpoint == "messages" else None,
        "stream": sent.streamed,
        "status": head.status,
        "error": facts.error or (f"http_{head.status}" if head.status is not None and head.status >= 400 else None),
        "attempt": sent.attempt,
        "started": _timestamp(sent.started),
        "first_token_ms": exchange.first_token_ms,
        "duration_ms": exchange.elapsed_ms,
        "model_requested": None,
        "model": facts.model,
        "platform": sent.platform or _platform(exchange.url),
        "workspace": head.workspace,
        "session": sent.session,
        "call_site": sent.site.place if sent.site else None,
        "function": sent.site.function if sent.site else None,
        "stop_reason": facts.stop_reason,
        "content_empty": facts.content_empty,
        "complete": facts.complete,
        "markers": [],
        "automatic": None,
        "blocks": 0,
        "estimated_tokens": 0,
        "pid": os.getpid(),
        "host": _HOST,
        "version": __version__,
    }
    if facts.usage is not None:
        record["usage"] = facts.usage
    return record


def _describe_request(record: UsageRecord | dict[str, Any], body: Mapping[str, Any]) -> None:
    """Adds what a request says beside its prompt."""
    model = body.get("model")
    record["model_requested"] = model if isinstance(model, str) else None
    record["automatic"] = automatic_ttl(body)
    if "thread" in body:
        record["thread"] = True
    if body.get("max_tokens") == 0:
        record["prewarm"] = True


def _describe_prompt(record: UsageRecord | dict[str, Any], fingerprint: Fingerprint) -> None:
    """Adds what is known of a prompt; the model has been added before."""
    record["markers"] = fingerprint.markers
    record["blocks"] = len(fingerprint.digests)
    record["fingerprints"] = fingerprint.hashes
    record["estimated_tokens"] = int(fingerprint.weight * _tokens_per_byte(record["model_requested"]))


def _divergence(divergence: Divergence, record: UsageRecord, excerpts: bool) -> DivergenceField:
    found = divergence.difference
    field: DivergenceField = {
        "tier": divergence.tier,
        "position": divergence.position,
        "offset": found.offset if found else None,
        "change": divergence.change,
        "before": found.before if found else "block",
        "after": found.after if found else "block",
        "tokens_at_risk": tokens_at_risk(divergence, record),
    }
    if excerpts and found is not None:
        field["excerpt"] = {"before": found.excerpts[0], "after": found.excerpts[1]}
    return field


@lru_cache(maxsize=64)
def _tokens_per_byte(model: str | None) -> float:
    return estimate_tokens(_MUCH, model).likely / _MUCH


def _timestamp(seconds: float) -> str:
    """ISO 8601 in UTC with milliseconds, of seconds since the epoch."""
    milliseconds = int(seconds * 1000)
    return f"{_whole_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=4)
def _whole_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _platform(url: Any) -> str:
    return platform_of_host(str(url.host) if url is not None else "")
