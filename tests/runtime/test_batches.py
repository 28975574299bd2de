"""A batch: its results are recorded with what was asked when it was handed in, each once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.runtime import batches as batches_module
from cachelint.runtime.batches import Batches
from cachelint.testing import ApiServer, fail

SYSTEM = [{"type": "text", "text": "Be brief. " * 900, "cache_control": {"type": "ephemeral"}}]


def requests(*questions: str) -> Any:
    return [
        {
            "custom_id": question,
            "params": {
                "model": "claude-opus-4-8",
                "max_tokens": 9,
                "system": SYSTEM,
                "messages": [{"role": "user", "content": question}],
            },
        }
        for question in questions
    ]


@pytest.fixture(params=["plain", "beta"])
def batches(request: pytest.FixtureRequest, client: anthropic.Anthropic) -> Any:
    return client.messages.batches if request.param == "plain" else client.beta.messages.batches


def test_results_carry_usage_and_what_was_asked(batches: Any, records: Any) -> None:
    batch = batches.create(requests=requests("one", "two"))
    results = list(batches.results(batch.id))

    created, *answered = records()
    assert (created["kind"], created["batch"], created["batch_requests"]) == ("batch_create", batch.id, 2)
    assert "usage" not in created
    assert [record["kind"] for record in answered] == ["batch", "batch"]
    assert [record["usage"] for record in answered] == [
        result.result.message.usage.model_dump(exclude_none=True) for result in results
    ]
    assert [record["id"] for record in answered] == [result.result.message.id for result in results]
    assert {record["usage"]["service_tier"] for record in answered} == {"batch"}
    assert {record["batch"] for record in answered} == {batch.id}
    assert {record["function"] for record in answered} == {"test_results_carry_usage_and_what_was_asked"}
    assert [record["markers"] for record in answered] == [[{"position": "system[0]", "ttl": "5m"}]] * 2
    assert len({record["fingerprints"]["system"] for record in answered}) == 1


def test_results_read_again_are_not_recorded_again(client: anthropic.Anthropic, records: Any) -> None:
    batch = client.messages.batches.create(requests=requests("one"))
    for _ in range(3):
        list(client.messages.batches.results(batch.id))
    assert [record["kind"] for record in records()] == ["batch_create", "batch"]


def test_results_read_in_another_process_have_their_usage(
    client: anthropic.Anthropic, server: ApiServer, tmp_path: Path
) -> None:
    batch = client.messages.batches.create(requests=requests("one"))
    other = tmp_path / "other.jsonl"
    elsewhere = cachelint.track(anthropic.Anthropic(base_url=server.url, api_key="key"), other)
    list(elsewhere.messages.batches.results(batch.id))
    text = other.read_text()
    assert '"usage":{"input_tokens":' in text
    assert '"fingerprints"' not in text


def test_failed_results_are_records_without_usage(client: anthropic.Anthropic, server: ApiServer, records: Any) -> None:
    server.api.answers.add(fail(400, "no"))  # type: ignore[attr-defined]
    batch = client.messages.batches.create(requests=requests("one", "two"))
    list(client.messages.batches.results(batch.id))
    assert [(record["error"], "usage" in record) for record in records()[1:]] == [
        ("invalid_request_error", False),
        (None, True),
    ]


def test_expired_results(canned: Callable[..., anthropic.Anthropic], records: Any) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/results"):
            return httpx2.Response(200, text='{"custom_id": "a", "result": {"type": "expired"}}\n')
        url = "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"
        batch = {"id": "msgbatch_1", "type": "message_batch", "processing_status": "ended", "results_url": url}
        return httpx2.Response(200, json=batch)

    list(canned(answer).messages.batches.results("msgbatch_1"))
    assert [(record["kind"], record["error"]) for record in records()] == [("batch", "expired")]


def test_results_that_are_not_read_to_the_end_can_be_read_again(client: anthropic.Anthropic, records: Any) -> None:
    batch = client.messages.batches.create(requests=requests("one", "two"))
    with client.messages.batches.with_streaming_response.results(batch.id):
        pass
    list(client.messages.batches.results(batch.id))
    assert [record["kind"] for record in records()] == ["batch_create", "batch", "batch"]


def test_the_oldest_batches_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "MOST_REQUESTS", 3)
    remembered = Batches()
    remembered.remember("one", {"a": {"n": 1}, "b": {"n": 2}})
    remembered.remember("two", {"a": {"n": 3}, "b": {"n": 4}})
    assert remembered.request("one", "a") == {}
    assert remembered.request("two", "b") == {"n": 4}
