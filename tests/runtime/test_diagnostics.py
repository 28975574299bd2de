"""The API's own diagnosis: asked for by those who want it, on the first-party API only, and its states told apart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.runtime.diagnostics import diagnosis
from cachelint.testing.api import MessagesApi

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9}
SYSTEM = "Be brief. " * 900


def turns(*texts: str) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


def simulated(api: MessagesApi, sent: list[dict[str, Any]]) -> Callable[[httpx2.Request], httpx2.Response]:
    """The simulated API behind the HTTP client, whatever the host; notes what was sent."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        response = api.handle(request.method, request.url.path, request.headers, request.content)
        response.begin()
        return httpx2.Response(response.status, headers=dict(response.headers), content=response.body)

    return answer


def make(answer: Any, log: Path, **options: Any) -> anthropic.Anthropic:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return cachelint.track(anthropic.Anthropic(api_key="key", http_client=http, **options), log, diagnostics=True)


def test_each_request_names_the_message_that_it_continues(log: Path, records: Any) -> None:
    sent: list[dict[str, Any]] = []
    client = make(simulated(MessagesApi(), sent), log)
    marked = {"cache_control": {"type": "ephemeral"}}
    one = ["Hi"]
    other = ["Good morning"]
    for _ in range(2):
        for conversation in (one, other):
            client.messages.create(**PROMPT, **marked, system=SYSTEM, messages=turns(*conversation))
            conversation += ["Yes", "And?"]
    client.messages.create(**PROMPT, **marked, system=f"New. {SYSTEM}", messages=turns(*one))

    ids = [record["id"] for record in records()]
    assert [body["diagnostics"]["previous_message_id"] for body in sent] == [None, None, ids[0], ids[1], ids[2]]
    assert [record["diagnostics"]["requested"] for record in records()] == [True] * 5
    assert [record["diagnostics"]["reason"] for record in records()[:4]] == [None] * 4
    assert records()[4]["diagnostics"]["reason"]["type"] == "system_changed"


def test_nothing_is_asked_elsewhere(log: Path) -> None:
    sent: list[dict[str, Any]] = []
    client = make(simulated(MessagesApi(), sent), log, base_url="https://gateway.example.org")
    client.messages.create(**PROMPT, messages=turns("Hi"))
    assert "diagnostics" not in sent[0]


def test_a_question_of_the_users_own_is_left_alone(log: Path, records: Any) -> None:
    sent: list[dict[str, Any]] = []
    client = make(simulated(MessagesApi(), sent), log)
    client.messages.create(**PROMPT, messages=turns("Hi"), diagnostics={"previous_message_id": "msg_mine"})
    assert sent[0]["diagnostics"] == {"previous_message_id": "msg_mine"}
    assert records()[0]["diagnostics"]["requested"] is True


def refusing(sent: list[dict[str, Any]]) -> Callable[[httpx2.Request], httpx2.Response]:
    """An API that does not know the question."""
    api = simulated(MessagesApi(), sent)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if b'"diagnostics"' in request.content:
            sent.append(json.loads(request.content))
            error = {"type": "invalid_request_error", "message": "diagnostics: Extra inputs are not permitted"}
            return httpx2.Response(400, json={"type": "error", "error": error})
        return api(request)

    return answer


@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_question_is_dropped_for_good(
    stream: bool, log: Path, records: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[dict[str, Any]] = []
    client = make(refusing(sent), log)
    for _ in range(2):
        response = client.messages.create(**PROMPT, messages=turns("Hi"), stream=stream)
        if stream:
            list(response)

    assert ["diagnostics" in body for body in sent] == [True, False, False]
    assert [record["status"] for record in records()] == [400, 200, 200]
    assert caplog.messages == [
        "The API refuses cache diagnostics; cachelint sends the requests without them from now on."
    ]


def test_a_refused_question_of_an_asynchronous_client(log: Path, records: Any) -> None:
    sent: list[dict[str, Any]] = []

    async def main() -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(refusing(sent)))
        client = cachelint.track(anthropic.AsyncAnthropic(api_key="key", http_client=http), log, diagnostics=True)
        await client.messages.create(**PROMPT, messages=turns("Hi"))

    asyncio.run(main())
    assert [record["status"] for record in records()] == [400, 200]


ASKED = {"diagnostics": {"previous_message_id": None}}
CHANGED = {"type": "system_changed", "cache_missed_input_tokens": 7}


@pytest.mark.parametrize(
    ("body", "answer", "field"),
    [
        ({}, ..., None),
        ({}, None, {"requested": False, "reason": None}),
        (ASKED, None, {"requested": True, "reason": None}),
        (ASKED, {"cache_miss_reason": None}, {"requested": True, "reason": "pending"}),
        (ASKED, {"cache_miss_reason": CHANGED}, {"requested": True, "reason": CHANGED}),
    ],
)
def test_the_states(body: dict[str, Any], answer: Any, field: Any) -> None:
    assert diagnosis(body, answer) == field
