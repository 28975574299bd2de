"""The clients of other platforms are answered as well: Vertex AI, Amazon Bedrock, Foundry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import pytest

from cachelint.testing.laboratory import Laboratory

CACHED = {"type": "ephemeral"}
REQUEST: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 50,
    "system": [{"type": "text", "text": "Answer in verse. " * 300, "cache_control": CACHED}],
    "messages": [{"role": "user", "content": "Hello"}],
}
PREFIX = 1888


def bedrock() -> Any:
    pytest.importorskip("boto3", reason="signing for Amazon needs boto3")
    return anthropic.AnthropicBedrock(aws_access_key="a", aws_secret_key="b", aws_region="us-east-1")


def vertex() -> Any:
    pytest.importorskip("google.auth", reason="Vertex AI needs google-auth")
    return anthropic.AnthropicVertex(region="us-east5", project_id="p", access_token="t")


def foundry() -> Any:
    return anthropic.AnthropicFoundry(resource="r", api_key="key")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("client", [bedrock, vertex, foundry])
def test_whole_and_streamed_messages_share_one_cache(client: Callable[[], Any]) -> None:
    laboratory = Laboratory()
    with laboratory.capture() as requests, client() as made:
        made.messages.create(**REQUEST)
        with made.messages.stream(**REQUEST) as stream:
            assert stream.get_final_text() == "You said: Hello"
    assert [(call.usage.write, call.usage.read) for call in requests] == [(PREFIX, 0), (0, PREFIX)]
    assert [call.body["model"] for call in requests] == ["claude-opus-4-8"] * 2


def test_the_old_bedrock_interface_knows_no_automatic_caching() -> None:
    refused = pytest.raises(anthropic.BadRequestError, match="cache_control: Extra inputs are not permitted")
    with Laboratory().capture(), bedrock() as client, refused:
        client.messages.create(**REQUEST, cache_control=CACHED)
