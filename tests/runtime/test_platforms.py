"""The clients of all platforms: requests that are rewritten and signed behind us, and streams in other formats."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from test_decoding import DELTA, START, STOP, TEXT, events, frames

import cachelint
from cachelint.runtime.endpoint import endpoint_of, platform_of_host

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-8",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2},
}
BEGIN = {
    **START,
    "message": {**MESSAGE, "content": [], "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}},
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
STREAM = (BEGIN, BLOCK, {**TEXT, "index": 0}, DELTA, STOP)


def answer(request: httpx2.Request) -> httpx2.Response:
    """A stream if the request asks for one, in the format of its platform."""
    if "invoke-with-response-stream" in request.url.path:
        return httpx2.Response(
            200, headers={"content-type": "application/vnd.amazon.eventstream"}, content=frames(*STREAM)
        )
    if json.loads(request.content).get("stream"):
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=events(*STREAM))
    return httpx2.Response(200, json=MESSAGE)


def aws() -> dict[str, Any]:
    pytest.importorskip("boto3", reason="signing for Amazon needs boto3")
    return {"aws_access_key": "a", "aws_secret_key": "b", "aws_region": "us-east-1"}


def google() -> dict[str, Any]:
    pytest.importorskip("google.auth", reason="Vertex AI needs google-auth")
    return {"region": "us-east5", "project_id": "p", "access_token": "t"}


CLIENTS: list[tuple[str, str, Callable[[], dict[str, Any]]]] = [
    ("Anthropic", "anthropic", lambda: {"api_key": "key"}),
    ("AnthropicBedrock", "bedrock", aws),
    ("AnthropicBedrockMantle", "bedrock-mantle", aws),
    ("AnthropicVertex", "vertex", google),
    ("AnthropicFoundry", "foundry", lambda: {"resource": "r", "api_key": "key"}),
    ("AnthropicAWS", "aws", lambda: {**aws(), "workspace_id": "wrkspc_1"}),
    ("AnthropicGoogleCloud", "google-cloud", lambda: {"project": "p", "skip_auth": True, "workspace_id": "wrkspc_1"}),
]


def make(name: str, options: dict[str, Any], http: Any) -> Any:
    """A client; arguments that its constructor does not know are left out."""
    constructor = getattr(anthropic, name)
    known = inspect.signature(constructor.__init__).parameters
    return constructor(http_client=http, **{key: value for key, value in options.items() if key in known})


@pytest.mark.parametrize(("name", "platform", "options"), CLIENTS, ids=[name for name, _, _ in CLIENTS])
def test_synchronous_clients(name: str, platform: str, options: Any, log: Path, records: Any) -> None:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = cachelint.track(make(name, options(), http), log)
    client.messages.create(**PROMPT)
    text = [event.delta.text for event in client.messages.create(**PROMPT, stream=True) if event.type == TEXT["type"]]

    whole, streamed = records()
    assert text == ["Hi"]
    assert whole["usage"] == {"input_tokens": 5, "output_tokens": 2}
    assert streamed["usage"] == {"input_tokens": 3, "output_tokens": 5}
    assert {record["platform"] for record in (whole, streamed)} == {platform}
    assert {record["model_requested"] for record in (whole, streamed)} == {"claude-opus-4-8"}


@pytest.mark.parametrize(("name", "platform", "options"), CLIENTS, ids=[f"Async{name}" for name, _, _ in CLIENTS])
def test_asynchronous_clients(name: str, platform: str, options: Any, log: Path, records: Any) -> None:
    async def main() -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
        client = cachelint.track(make(f"Async{name}", options(), http), log)
        await client.messages.create(**PROMPT)
        async for _ in await client.messages.create(**PROMPT, stream=True):
            pass

    asyncio.run(main())
    assert [(record["platform"], record["complete"]) for record in records()] == [(platform, True)] * 2


def test_a_gateway_is_told_by_its_host(log: Path, records: Any) -> None:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = anthropic.Anthropic(api_key="key", base_url="https://llm.example.org/anthropic", http_client=http)
    cachelint.track(client, log).messages.create(**PROMPT)
    assert records()[0]["platform"] == "gateway"


@pytest.mark.parametrize(
    ("method", "address", "endpoint"),
    [
        ("post", "/v1/messages", "messages"),
        ("POST", "https://api.anthropic.com/v1/messages?beta=true", "messages"),
        ("post", "/model/anthropic.claude-opus-4-8/invoke", "messages"),
        ("post", "/model/x/invoke-with-response-stream", "messages"),
        ("post", "/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict", "messages"),
        ("post", "/v1/messages/count_tokens?beta=true", "count_tokens"),
        ("post", "/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", "count_tokens"),
        ("post", "/v1/messages/batches", "batch_create"),
        ("get", "/v1/messages/batches/msgbatch_1/results", "batch_results"),
        ("get", "/v1/messages/batches", None),
        ("get", "/v1/messages/batches/msgbatch_1", None),
        ("post", "/v1/messages/batches/msgbatch_1/cancel", None),
        ("get", "/v1/models", None),
        ("post", "/v1/files", None),
    ],
)
def test_what_an_address_is_for(method: str, address: str, endpoint: str | None) -> None:
    assert endpoint_of(method, address) == endpoint


def test_hosts() -> None:
    assert platform_of_host("bedrock-runtime.us-east-1.amazonaws.com") == "bedrock"
    assert platform_of_host("us-east5-aiplatform.googleapis.com") == "vertex"
    assert platform_of_host("r.services.ai.azure.com") == "foundry"
    assert platform_of_host("127.0.0.1") == "gateway"
