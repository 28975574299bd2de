"""Facts about lifetimes, sharing and warming (facts.md A.3, A.7): requests at their times, and their usage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import anthropic
import pytest
from simulated_requests import LONG, SHORT, Body, Send, counted, request, text, usage

from cachelint.testing import CacheUsage, ManualClock, MessagesApi, Script, say

MINUTES = 60
SYSTEM = [text(600, SHORT)]
FIVE = request(text(600, SHORT), text(30))
HOUR = request(text(600, LONG), text(30))
BOTH = request(text(700, SHORT), text(30), system=[text(600, LONG)])
WRITTEN, WRITTEN_1H, READ = usage(plain=30, write=600), usage(plain=30, write_1h=600), usage(plain=30, read=600)

TIMES: dict[str, list[tuple[int, Body, CacheUsage]]] = {
    "within five minutes it is read": [(0, FIVE, WRITTEN), (5 * MINUTES, FIVE, READ)],
    "after five minutes it is written again": [(0, FIVE, WRITTEN), (5 * MINUTES + 1, FIVE, WRITTEN)],
    "within an hour it is read": [(0, HOUR, WRITTEN_1H), (60 * MINUTES, HOUR, READ)],
    "after an hour it is written again": [(0, HOUR, WRITTEN_1H), (60 * MINUTES + 1, HOUR, WRITTEN_1H)],
    "a read refreshes five minutes": [(0, FIVE, WRITTEN), *[(4 * MINUTES, FIVE, READ)] * 3],
    "a read refreshes an hour": [(0, HOUR, WRITTEN_1H), *[(50 * MINUTES, HOUR, READ)] * 3],
    "of two lifetimes the shorter ends first": [
        (0, BOTH, usage(plain=30, write_1h=600, write=700)),
        (6 * MINUTES, BOTH, usage(plain=30, read=600, write=700)),
        (61 * MINUTES, BOTH, usage(plain=30, write_1h=600, write=700)),
    ],
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES.keys())
def test_when_an_entry_is_read(send: Send, clock: ManualClock, times: list[tuple[int, Body, CacheUsage]]) -> None:
    answered = []
    for seconds, body, _ in times:
        clock.advance(seconds)
        answered.append(send(body))
    assert answered == [expected for _, _, expected in times]


def test_five_minutes_behind_an_hour_is_the_only_order(sdk: anthropic.Anthropic) -> None:
    """The sentence that the API answers with, which names the place as its errors do."""
    with pytest.raises(anthropic.BadRequestError) as refused:
        sdk.messages.create(**request(text(600, LONG), system=[text(600, SHORT)]))
    assert refused.value.body["error"]["message"] == (
        "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
        "cache_control block. Blocks are processed in the order `tools`, `system`, `messages`."
    )


# Sharing


def test_keys_of_one_workspace_share_and_workspaces_do_not(send: Send) -> None:
    assert send(FIVE) == WRITTEN
    with (
        anthropic.Anthropic(api_key="another key") as same,
        anthropic.Anthropic(api_key="key of another workspace") as other,
    ):
        shared = same.messages.with_raw_response.create(**FIVE)
        apart = other.messages.with_raw_response.create(**FIVE)
    assert [counted(raw.parse().usage) for raw in (shared, apart)] == [READ, WRITTEN]
    assert [raw.headers["anthropic-workspace-id"] for raw in (shared, apart)] == ["default", "another"]


def test_models_share_nothing(send: Send) -> None:
    assert [send(FIVE), send({**FIVE, "model": "claude-opus-5-5"}), send(FIVE)] == [WRITTEN, WRITTEN, READ]


def test_parallel_cold_requests_all_write_and_those_after_the_first_response_read(
    sdk: anthropic.Anthropic, api: MessagesApi
) -> None:
    api.answers = Script([say("slow", delay=0.3)] * 3)
    with ThreadPoolExecutor(3) as pool:
        cold = list(pool.map(lambda _: counted(sdk.messages.create(**FIVE).usage), range(3)))
        warm = list(pool.map(lambda _: counted(sdk.messages.create(**FIVE).usage), range(3)))
    assert (cold, warm) == ([WRITTEN] * 3, [READ] * 3)


# Warming


def test_a_prewarm_is_an_empty_answer_that_writes(sdk: anthropic.Anthropic) -> None:
    warmed = sdk.messages.create(**{**request(text(5), system=SYSTEM), "max_tokens": 0})
    assert (warmed.content, warmed.stop_reason, warmed.usage.output_tokens) == ([], "max_tokens", 0)
    assert counted(warmed.usage) == usage(plain=5, write=600)
    assert counted(sdk.messages.create(**request(text(30), system=SYSTEM)).usage) == READ


PREWARMS: dict[str, tuple[Body, Body]] = {
    "with automatic caching it ends at its placeholder": (
        request(text(5), system=[text(600)], cache_control=SHORT),
        request(text(30, letter="q"), system=[text(600)], cache_control=SHORT),
    ),
    "with another thinking it warms another prompt": (
        request(text(5), system=SYSTEM),
        request(text(30), system=SYSTEM, thinking={"type": "adaptive"}),
    ),
    "with another effort it warms another prompt": (
        request(text(5), system=SYSTEM),
        request(text(30), system=SYSTEM, output_config={"effort": "low"}),
    ),
}


@pytest.mark.parametrize(("warm", "real"), PREWARMS.values(), ids=PREWARMS.keys())
def test_a_prewarm_that_does_not_help(send: Send, warm: Body, real: Body) -> None:
    send({**warm, "max_tokens": 0})
    assert send(real).read == 0


# Other ways to send


def test_counting_tokens_takes_breakpoints_and_writes_nothing(sdk: anthropic.Anthropic, send: Send) -> None:
    body = {name: FIVE[name] for name in ("model", "messages")}
    counts = [sdk.messages.count_tokens(**body).input_tokens for _ in range(2)]
    assert counts[0] == counts[1] > 0
    assert send(FIVE) == WRITTEN


def test_a_batch_of_one_first_warms_the_next(sdk: anthropic.Anthropic) -> None:
    def batch(*names: str) -> list[CacheUsage]:
        made = sdk.messages.batches.create(requests=[{"custom_id": name, "params": HOUR} for name in names])
        return [counted(line.result.message.usage) for line in sdk.messages.batches.results(made.id)]

    assert [batch("first"), batch("a", "b")] == [[WRITTEN_1H], [READ, READ]]
