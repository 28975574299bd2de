"""Nothing of a prompt, a response, a header or a person is written, whatever the shape of the request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint

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
    {"type": "tool_result", "tool_use_id": canary("tool-id"), "content": [{"type": "text", "text": canary("result")}]},
]
ASSISTANT = [
    {"type": "thinking", "thinking": canary("thinking"), "signature": canary("signature")},
    {"type": "tool_use", "id": canary("tool-id"), "name": canary("tool-name"), "input": {"key": canary("input")}},
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
    "extra_headers": {"x-secret": canary("header"), "anthropic-beta": "mcp-client-2025-04-04"},
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
