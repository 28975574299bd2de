"""The replay of a log under other breakpoints, against the simulated cache that is given real requests with them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachelint.advice.advising import advise
from cachelint.advice.observation import observe
from cachelint.advice.placement import Placement, placements
from cachelint.advice.replay import cost, turns
from cachelint.prompt import WRITE_MULTIPLIERS, model_facts, without_markers
from cachelint.runtime.encoding import encode_value
from cachelint.runtime.fingerprint import Fingerprinter
from cachelint.testing import CacheUsage, ManualClock, PromptCache

MODEL = "claude-opus-5"
FACTS = model_facts(MODEL)
GAPS = (1, 200, 299, 301, 2_000, 3_700)
START = 1_795_392_000.0


@dataclass
class Conversation:
    """One conversation of the generated program: what it is told, and the texts of its turns so far."""

    name: str
    system: str
    turns: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """One generated request."""

    conversation: str
    system: str
    turns: tuple[tuple[str, ...], ...]
    started: float

    def body(self, placement: Placement) -> dict[str, Any]:
        """The request with the breakpoints of a placement."""
        tool: dict[str, Any] = {"name": "look_up", "description": "d" * 700, "input_schema": {"type": "object"}}
        system: dict[str, Any] = {"type": "text", "text": self.system}
        messages = [
            {"role": "user", "content": [{"type": "text", "text": text} for text in turn]} for turn in self.turns
        ]
        places: dict[str, Any] = {"tools": tool, "system": system, "end": messages[-1]["content"][-1]}
        if len(self.turns) > 1:
            places["previous"] = messages[-2]["content"][-1]
        for slot, ttl in placement.breakpoints:
            if slot in places:
                places[slot]["cache_control"] = {"type": "ephemeral", "ttl": ttl}
        return {"model": MODEL, "max_tokens": 9, "tools": [tool], "system": [system], "messages": messages}


@st.composite
def programs(draw: st.DrawFn) -> list[Sent]:
    """Some requests of one call site: conversations that begin, go on, pause, and share one of two system prompts."""
    conversations: list[Conversation] = []
    now, sent = START, []
    for number in range(draw(st.integers(2, 7))):
        now += draw(st.sampled_from(GAPS))
        going_on = bool(conversations) and draw(st.booleans())
        if going_on:
            conversation = draw(st.sampled_from(conversations))
        else:
            system = draw(st.sampled_from(["s" * 400, "t" * 3_000]))
            conversation = Conversation(f"conversation {number}", system)
            conversations.append(conversation)
        blocks = draw(st.sampled_from([1, 2, 19, 21]))
        conversation.turns.append([f"{number}.{index} " + "x" * 300 for index in range(blocks)])
        sent.append(Sent(conversation.name, conversation.system, tuple(map(tuple, conversation.turns)), now))
    return sent


def tokens(block: dict[str, Any], _model: str) -> int:
    """As many as the bytes by which the log shares tokens out."""
    return len(block["text"]) + 10 if "text" in block else len(encode_value("tools", without_markers(block)))


def simulated(program: Sequence[Sent], placement: Placement) -> list[CacheUsage]:
    """What the simulated API says of the requests with these breakpoints."""
    clock = ManualClock(START)
    cache = PromptCache(clock, count=tokens)
    usages = []
    for request in program:
        clock.advance(request.started - clock.now())
        usages.append(cache.send(request.body(placement)))
    return usages


def price(usage: CacheUsage) -> float:
    """In tokens at the input price."""
    written = usage.write_5m * WRITE_MULTIPLIERS["5m"] + usage.write_1h * WRITE_MULTIPLIERS["1h"]
    return usage.input_tokens + written + usage.read * FACTS.cache_read_multiplier


def logged(program: Sequence[Sent], placement: Placement) -> list[str]:
    """The usage log of the program with these breakpoints."""
    fingerprinter = Fingerprinter(b"key")
    lines = []
    for number, (request, usage) in enumerate(zip(program, simulated(program, placement), strict=True)):
        body = request.body(placement)
        fingerprint = fingerprinter.fingerprint(body)
        record = {
            "id": f"msg_{number}",
            "kind": "messages",
            "status": 200,
            "started": datetime.fromtimestamp(request.started, UTC).isoformat(),
            "duration_ms": 0.5,
            "model": MODEL,
            "workspace": "default",
            "session": request.conversation,
            "call_site": "agent.py:7",
            "blocks": 2 + sum(map(len, request.turns)),
            "markers": fingerprint.markers,
            "fingerprints": fingerprint.hashes,
            "usage": {
                "input_tokens": usage.input_tokens,
                "cache_read_input_tokens": usage.read,
                "cache_creation_input_tokens": usage.write,
                "cache_creation": {"ephemeral_1h_input_tokens": usage.write_1h},
            },
        }
        lines.append(json.dumps(record))
    return lines


NONE = Placement(())
ALL = tuple(placements())


def test_there_are_as_many_placements_as_slots_and_lifetimes_allow() -> None:
    assert len(ALL) == len(set(ALL)) == 1 + 4 * 2 + 6 * 3 + 4 * 4 + 1 * 5


@settings(max_examples=60, deadline=None)
@given(programs(), st.sampled_from(ALL))
def test_replaying_a_log_costs_what_the_simulated_api_charges(program: list[Sent], placement: Placement) -> None:
    sequence = turns(observe(logged(program, NONE)).requests)
    expected = sum(map(price, simulated(program, placement)))
    assert cost(sequence, placement, FACTS) == pytest.approx(expected, rel=0.01)


@settings(max_examples=15, deadline=None)
@given(programs(), st.sampled_from(ALL))
def test_the_advice_is_the_best_of_all_placements_and_never_worse_than_what_was_observed(
    program: list[Sent], observed: Placement
) -> None:
    [advice] = advise(observe(logged(program, observed)).requests).sites
    spent = sum(map(price, simulated(program, observed)))
    best = min(sum(map(price, simulated(program, placement))) for placement in ALL)
    assert advice.observed == pytest.approx(spent)
    assert advice.saving >= 0
    if advice.placement is None:
        assert spent <= best * 1.08
    else:
        assert sum(map(price, simulated(program, advice.placement))) == pytest.approx(best, rel=0.01)
        assert best < spent


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(programs(), st.sampled_from(ALL)), min_size=2, max_size=4))
def test_call_sites_and_models_are_advised_as_if_each_were_alone(logs: list[tuple[list[Sent], Placement]]) -> None:
    """So what is shown above of one holds of each in a log of many, whose lines are mixed."""
    models = ("claude-opus-5", "claude-opus-5-5", "claude-sonnet-4-5")
    renamed = []
    for number, (program, observed) in enumerate(logs):
        own = {"call_site": f"agent.py:{number // 2}", "model": models[number % 3]}
        lines = [json.loads(line) for line in logged(program, observed)]
        names = ("id", "session")
        renamed.append([{**line, **own, **{name: f"{number} {line[name]}" for name in names}} for line in lines])
    mixed = sorted(itertools.chain(*renamed), key=lambda line: line["started"])
    alone = [site for lines in renamed for site in advised(lines)]
    together = advised(mixed)
    assert sorted(together, key=repr) == sorted(alone, key=repr)
    assert all(advice.saving >= 0 and advice.best <= advice.observed * (1 + 1e-9) for advice in together)


def advised(lines: Sequence[dict[str, Any]]) -> list[Any]:
    return list(advise(observe([json.dumps(line) for line in lines]).requests).sites)
