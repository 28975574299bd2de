"""Makes records: of an exchange, and of the results of a batch."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from cachelint.prompt.layout import automatic_ttl
from cachelint.prompt.tokens import estimate_tokens
from cachelint.runtime.batches import custom_requests
from cachelint.runtime.diagnostics import diagnosis
from cachelint.runtime.divergence import Divergence
from cachelint.runtime.endpoint import platform_of_host
from cachelint.runtime.exchange import Asked, Exchange, Sent
from cachelint.runtime.fingerprint import Fingerprint
from cachelint.runtime.location import host_name
from cachelint.runtime.record import SCHEMA, DivergenceField, UsageRecord
from cachelint.runtime.usage import ResponseFacts
from cachelint.runtime.version import __version__

_HOST = host_name()
_INPUT_COUNTERS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def record_of(exchange: Exchange, *, excerpts: bool) -> UsageRecord:
    """The record of an exchange that has ended. `excerpts`: with the text around a divergence."""
    record = _outline(exchange)
    record.update(answer(exchange.facts))  # type: ignore[typeddict-item]
    record.update(question(exchange.sent.body))  # type: ignore[typeddict-item]
    diagnostics = diagnosis(exchange.sent.body, exchange.facts.diagnostics)
    if diagnostics is not None:
        record["diagnostics"] = diagnostics
    if exchange.facts.batch is not None:
        record["batch"] = exchange.facts.batch
        record["batch_requests"] = sum(1 for _ in custom_requests(exchange.sent.body))
    if exchange.asked is not None:
        model = record["model_requested"]
        record.update(prompt_fields(exchange.asked.fingerprint, model))  # type: ignore[typeddict-item]
        record["session"] = exchange.asked.conversation.name
        divergence = _divergence(exchange.asked, exchange.facts, model, excerpts)
        if divergence is not None:
            record["divergence"] = divergence
    return record


def batch_request(sent: Sent, parameters: Mapping[str, Any], fingerprint: Fingerprint) -> dict[str, Any]:
    """The fields of a request that was handed in with a batch, for the record of its result."""
    described = question(parameters)
    return {
        **described,
        **prompt_fields(fingerprint, described["model_requested"]),
        "session": sent.session,
        "call_site": sent.site.place if sent.site else None,
        "function": sent.site.function if sent.site else None,
    }


def record_of_result(exchange: Exchange, event: Mapping[str, Any], asked: Mapping[str, Any], batch: str) -> UsageRecord:
    """The record of one result of a batch. `asked`: what `batch_request` made of its request, or nothing."""
    result = event.get("result")
    result = result if isinstance(result, dict) else {}
    facts = ResponseFacts()
    facts.read(result.get("message"))
    if result.get("type") == "errored":
        facts.read(result.get("error"))
    record = _outline(exchange)
    record.update(answer(facts))  # type: ignore[typeddict-item]
    record.update(asked)  # type: ignore[typeddict-item]
    record["batch"] = batch
    if result.get("type") != "succeeded":
        record["error"] = facts.error or str(result.get("type"))
    return record


def _outline(exchange: Exchange) -> UsageRecord:
    """A record with what is known of any exchange."""
    sent, response, facts = exchange.sent, exchange.response, exchange.facts
    headers = response.headers if response is not None else {}
    status = response.status_code if response is not None else None
    host = str(response.request.url.host) if response is not None else ""
    return {
        "schema": SCHEMA,
        "id": None,
        "request_id": headers.get("request-id") or headers.get("x-amzn-requestid"),
        "kind": "batch" if sent.endpoint == "batch_results" else sent.endpoint,
        "stream": sent.streamed,
        "status": status,
        "error": facts.error or (f"http_{status}" if status is not None and status >= 400 else None),
        "attempt": sent.attempt,
        "started": timestamp(sent.started),
        "first_token_ms": exchange.first_token_ms,
        "duration_ms": exchange.elapsed_ms,
        "model_requested": None,
        "model": None,
        "platform": sent.platform or platform_of_host(host),
        "workspace": headers.get("anthropic-workspace-id"),
        "session": sent.session,
        "call_site": sent.site.place if sent.site else None,
        "function": sent.site.function if sent.site else None,
        "stop_reason": None,
        "content_empty": None,
        "complete": False,
        "markers": [],
        "automatic": None,
        "blocks": 0,
        "estimated_tokens": 0,
        "pid": os.getpid(),
        "host": _HOST,
        "version": __version__,
    }


def answer(facts: ResponseFacts) -> dict[str, Any]:
    """The fields that describe a response."""
    fields: dict[str, Any] = {
        "id": facts.id,
        "model": facts.model,
        "stop_reason": facts.stop_reason,
        "content_empty": facts.content_empty,
        "complete": facts.complete,
    }
    if facts.usage is not None:
        fields["usage"] = facts.usage
    return fields


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that describe a request, without its prompt."""
    model = body.get("model")
    fields: dict[str, Any] = {
        "model_requested": model if isinstance(model, str) else None,
        "automatic": automatic_ttl(body),
    }
    if "thread" in body:
        fields["thread"] = True
    if body.get("max_tokens") == 0:
        fields["prewarm"] = True
    return fields


def prompt_fields(fingerprint: Fingerprint, model: str | None) -> dict[str, Any]:
    """The fields that describe a prompt."""
    return {
        "markers": fingerprint.markers,
        "blocks": len(fingerprint.digests),
        "fingerprints": fingerprint.hashes,
        "estimated_tokens": estimate_tokens(sum(fingerprint.prompt.weights), model).likely,
    }


def timestamp(seconds: float) -> str:
    """ISO 8601 in UTC with milliseconds, of seconds since the epoch."""
    milliseconds = int(seconds * 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03d}Z"


def _divergence(asked: Asked, facts: ResponseFacts, model: str | None, excerpts: bool) -> DivergenceField | None:
    if asked.divergence is None:
        return None
    divergence, found = asked.divergence, asked.divergence.difference
    field: DivergenceField = {
        "tier": divergence.tier,
        "position": divergence.position,
        "offset": found.offset if found else None,
        "change": divergence.change,
        "before": found.before if found else "block",
        "after": found.after if found else "block",
        "tokens_at_risk": tokens_at_risk(divergence, asked.fingerprint, facts, model),
    }
    if excerpts and found is not None:
        field["excerpt"] = {"before": found.excerpts[0], "after": found.excerpts[1]}
    return field


def tokens_at_risk(divergence: Divergence, prompt: Fingerprint, facts: ResponseFacts, model: str | None) -> int:
    """The lost share of the prompt that was billed; of the estimated prompt when nothing was billed."""
    counters = [(facts.usage or {}).get(name) for name in _INPUT_COUNTERS]
    billed = sum(counter for counter in counters if isinstance(counter, int))
    return round(divergence.lost * (billed or estimate_tokens(sum(prompt.prompt.weights), model).likely))
