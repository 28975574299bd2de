"""The simulated cache against nearly 4,000 recorded responses of the real one.

The recordings (Claude Code transcripts without their texts) tell when each request was sent and what was read, written
and paid in full. From that a conversation with blocks of these lengths is rebuilt and sent to the simulator at the same
times: it must report the same usage. What cannot be rebuilt is a conversation that was compacted or edited, or that
continues on another prompt; of such turns there are few.
"""

from __future__ import annotations

import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cachelint.prompt import TTL_SECONDS
from cachelint.testing import CacheUsage, ManualClock, PromptCache

Lane = tuple[str, ...]


@dataclass(frozen=True)
class Recorded:
    """One response: when, by which model, and the input side of its usage."""

    time: float
    model: str
    usage: CacheUsage

    @property
    def cached(self) -> int:
        """The tokens up to the last breakpoint."""
        return self.usage.read + self.usage.write

    @property
    def ttl(self) -> str:
        return "1h" if self.usage.write_1h else "5m"


def conversations(archive: Path) -> Iterator[list[Recorded]]:
    """The responses of each conversation in an archive of transcripts, in order, each once."""
    found: dict[Lane, dict[str, Recorded]] = defaultdict(dict)
    with tarfile.open(archive) as transcripts:
        for member in transcripts:
            file = transcripts.extractfile(member) if member.name.endswith(".jsonl") else None
            for line in file or ():
                record = json.loads(line)
                message = record.get("message") or {}
                if record.get("type") == "assistant" and message.get("model", "<").startswith("claude"):
                    lane = (member.name, str(record.get("sessionId")), str(record.get("agentId")))
                    found[lane].setdefault(message["id"], recorded(record, message))
    for responses in found.values():
        yield sorted(responses.values(), key=lambda response: response.time)


def recorded(record: dict[str, Any], message: dict[str, Any]) -> Recorded:
    usage = message["usage"]
    written = usage["cache_creation_input_tokens"]
    one_hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens", 0)
    counted = CacheUsage(usage["input_tokens"], usage["cache_read_input_tokens"], written - one_hour, one_hour)
    time = datetime.fromisoformat(record["timestamp"]).timestamp()
    return Recorded(time, message["model"], counted)


def simulated(earlier: Recorded, later: Recorded) -> CacheUsage:
    """What the simulator reports for `later` after `earlier`, if the later prompt continues the earlier one."""
    clock = ManualClock(earlier.time)
    cache = PromptCache(clock, count=lambda block, _model: int(block["tokens"]))
    cache.send(request(earlier, [earlier.cached]))
    clock.advance(later.time - earlier.time)
    return cache.send(request(later, [earlier.cached, later.cached - earlier.cached]))


def request(response: Recorded, lengths: list[int]) -> dict[str, Any]:
    """A request of blocks of these lengths with a breakpoint on the last, and what was paid in full behind it."""
    blocks: list[dict[str, Any]] = [{"type": "document", "tokens": length, "n": n} for n, length in enumerate(lengths)]
    blocks[-1]["cache_control"] = {"type": "ephemeral", "ttl": response.ttl}
    blocks.append({"type": "document", "tokens": response.usage.input_tokens})
    return {"model": response.model, "max_tokens": 1, "messages": [{"role": "user", "content": blocks}]}


@pytest.mark.parametrize(("name", "follow_ups", "agreeing"), [("spotter", 871, 865), ("mirrorless", 2988, 2946)])
def test_the_simulator_agrees_with_what_the_api_reported(
    shared: Path, name: str, follow_ups: int, agreeing: int
) -> None:
    compared = agreed = 0
    for responses in conversations(shared / "logs" / "claude-code" / f"{name}.tar.gz"):
        for earlier, later in pairwise(responses):
            alive = later.time - earlier.time < TTL_SECONDS[earlier.ttl]
            if earlier.model == later.model and alive and later.cached >= earlier.cached > 0:
                compared += 1
                agreed += simulated(earlier, later) == later.usage
    assert (compared, agreed) == (follow_ups, agreeing)
