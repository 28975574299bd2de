"""Nothing of a prompt, a response, a header or a person is written, whatever the shape of the request."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.runtime import guard
from cachelint.runtime.fingerprint import Fingerprinter

CANARY = "CANARY"


def canary(name: str) -> str:
    return f"{CANARY}-{name}-7f3a"


TOOL = {
    "name": canary("tool-name"),
    "description": canary("tool-description"),
    "input_schema": {
        "type": "object",
        "properties": {canary("property"): {"type": "string", "description": canary("property-description")}},
    },
    "cache_control": {"type": "ephemeral"},
}
CONTENT = [
    {"type": "text", "text": canary("text"), "cache_control": {"type": "ephemeral", "ttl": "5m"}},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": canary("image")}},
    {"type": "image", "source": {"type": "url", "url": f"https://example.org/{canary('url')}"}},
    {
        "type": "document",
        "title": canary("title"),
        "context": canary("context"),
        "citations": {"enabled": True},
        "source": {"type": "content", "content": [{"type": "text", "text": canary("document")}]},
    },
    {"type": "document", "source": {"type": "file", "file_id": canary("file-id")}, "title": canary("file-title")},
    {"type": "container_upload", "file_id": canary("upload")},
    {
        "type": "search_result",
        "source": canary("search-source"),
        "title": canary("search-title"),
        "content": [{"type": "text", "text": canary("search")}],
    },
    {"type": "tool_result", "tool_use_id": canary("tool-id"), "content": [{"type": "text", "text": canary("result")}]},
    {"type": "tool_result", "tool_use_id": canary("tool-id-2"), "content": canary("result-2"), "is_error": True},
    {"type": canary("unknown-type"), canary("unknown-key"): canary("unknown-value")},
]
ASSISTANT = [
    {"type": "thinking", "thinking": canary("thinking"), "signature": canary("signature")},
    {"type": "tool_use", "id": canary("tool-id"), "name": canary("tool-name"), "input": {"key": canary("input")}},
    {
        "type": "server_tool_use",
        "id": canary("server-tool-id"),
        "name": "web_search",
        "input": {canary("input-key"): {canary("nested-key"): [canary("nested-input")]}},
    },
    {"type": "redacted_thinking", "data": canary("redacted")},
]
PROMPT: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 9,
    "system": [{"type": "text", "text": canary("system")}, {"type": "text", "text": canary("system-2")}],
    "tools": [TOOL],
    "tool_choice": {"type": "tool", "name": canary("tool-name")},
    "metadata": {"user_id": canary("user")},
    "stop_sequences": [canary("stop-sequence")],
    "messages": [
        {"role": "user", "content": canary("question")},
        {"role": "assistant", "content": ASSISTANT},
        {"role": "user", "content": CONTENT},
    ],
    "mcp_servers": [{"type": "url", "name": "x", "url": "https://example.org", "authorization_token": canary("mcp")}],
    "container": canary("container"),
    "service_tier": "auto",
    "output_config": {"format": {"type": "json_schema", "schema": {"title": canary("schema")}}},
    "context_management": {"edits": [{"type": canary("edit")}]},
    "extra_headers": {
        "x-secret": canary("header"),
        "anthropic-beta": f"mcp-client-2025-04-04,{canary('beta')}",
        "x-stainless-helper": canary("helper"),
        "idempotency-key": canary("idempotency"),
    },
    "extra_query": {"secret": canary("query")},
    "extra_body": {"unknown": {"nested": canary("extra-body")}},
}
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-8",
    "content": [{"type": "text", "text": canary("answer")}],
    "stop_reason": "stop_sequence",
    "stop_sequence": canary("stop-sequence"),
    "usage": {"input_tokens": 5, "output_tokens": 2},
}
FAILURE = {"type": "error", "error": {"type": "invalid_request_error", "message": canary("error")}}


def answer(request: httpx2.Request) -> httpx2.Response:
    """What the request asks for: a failure, a stream, or a message."""
    if b"fail" in request.url.query:
        return httpx2.Response(400, json=FAILURE)
    return httpx2.Response(200, json=ANSWER)


@pytest.fixture
def everything_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """All that is in the log's folder, in the logging of cachelint, and on the terminal."""
    caplog.set_level(logging.DEBUG, logger="cachelint")

    def read() -> str:
        files = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
        printed = capfd.readouterr()
        return files + "".join(record.getMessage() for record in caplog.records) + printed.out + printed.err

    return read


def make_client(log: Path, **options: Any) -> anthropic.Anthropic:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return cachelint.track(
        anthropic.Anthropic(api_key=canary("api-key"), http_client=http, max_retries=0), log, **options
    )


def test_no_canary_is_written(log: Path, everything_written: Any, records: Any) -> None:
    client = make_client(log)
    client.beta.messages.create(**PROMPT)
    changed = {**PROMPT, "system": [{"type": "text", "text": canary("other")}, *PROMPT["system"]]}
    client.beta.messages.create(**changed)
    client.beta.messages.create(**{**PROMPT, "tools": [{**TOOL, "description": canary("changed")}]})
    with pytest.raises(anthropic.BadRequestError):
        client.beta.messages.create(**{**PROMPT, "extra_query": {"fail": canary("query")}})
    client.messages.count_tokens(model="claude-opus-4-8", messages=PROMPT["messages"], system=canary("system"))
    parameters = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": PROMPT["messages"]}
    client.messages.batches.create(requests=[{"custom_id": "CANARY_custom", "params": parameters}])

    assert len(records()) == 6
    assert "divergence" in records()[1]
    assert CANARY not in everything_written()


@pytest.mark.parametrize("change", ["input-key", "nested-input", "question", "result", "thinking", "title"])
def test_no_canary_is_written_where_two_prompts_diverge(
    change: str, log: Path, everything_written: Any, records: Any
) -> None:
    changed = json.loads(json.dumps(PROMPT["messages"]).replace(canary(change), f"{CANARY} at 2026-11-27T18:00:00Z"))
    client = make_client(log)
    for messages in (PROMPT["messages"], [*changed, {"role": "user", "content": canary("more")}]):
        client.beta.messages.create(**{**PROMPT, "messages": messages, "cache_control": {"type": "ephemeral"}})

    assert "divergence" in records()[1]
    assert CANARY not in everything_written()


def test_no_canary_is_written_about_what_fails(
    log: Path, everything_written: Any, records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise ValueError(canary("message-of-an-exception"))

    monkeypatch.setattr(guard, "_warned", False)
    monkeypatch.setattr(Fingerprinter, "fingerprint", fail)
    make_client(log).beta.messages.create(**PROMPT)

    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError(canary("transport"), request=request)

    http = httpx2.Client(transport=httpx2.MockTransport(refuse))
    client = cachelint.track(anthropic.Anthropic(api_key="key", http_client=http, max_retries=0), log)
    with pytest.raises(anthropic.APIConnectionError):
        client.messages.count_tokens(model="claude-opus-4-8", messages=PROMPT["messages"])

    assert [record["error"] for record in records()] == ["APIConnectionError"]
    assert CANARY not in everything_written()


def test_excerpts_are_written_for_those_who_ask(log: Path, records: Any) -> None:
    client = make_client(log, capture="excerpt")
    client.beta.messages.create(**PROMPT)
    client.beta.messages.create(**{**PROMPT, "tools": [{**TOOL, "description": canary("changed")}]})

    excerpt = records()[1]["divergence"]["excerpt"]
    assert canary("tool-description") in excerpt["before"]
    assert canary("changed") in excerpt["after"]


def test_equal_prompts_have_different_fingerprints_in_different_projects(tmp_path: Path) -> None:
    for project in ("one", "two"):
        make_client(tmp_path / project / "usage.jsonl").beta.messages.create(**PROMPT)
    one, two = (
        (tmp_path / project / "usage.jsonl").read_text().partition('"fingerprints"')[2] for project in ("one", "two")
    )
    assert one != two
