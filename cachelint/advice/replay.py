"""What the observed requests would have cost with other breakpoints.

A replay of the cache on the prefixes of the log, by the same rules as the simulator: an entry is written at each
breakpoint whose prefix is long enough, found by content within twenty positions, readable once the response that wrote
it began, alive for its TTL from the start of the last request that used it. Costs are in input tokens: a read counts
for the model's read multiplier, a write for 1.25 or 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cachelint.advice.observation import Observation, Prefix
from cachelint.advice.placement import Placement, Slot
from cachelint.prompt import LOOKBACK, TTL_SECONDS, WRITE_MULTIPLIERS, ModelFacts


@dataclass(frozen=True, slots=True)
class Turn:
    """A request, and the turn of the same conversation that it continues."""

    request: Observation
    previous: Turn | None

    def prefix(self, slot: Slot) -> Prefix | None:
        """The prefix that ends at a slot; None where the request has no such place."""
        match slot:
            case "tools":
                return self.request.tools
            case "system":
                return self.request.system
            case "previous":
                return self.previous.request.end if self.previous else None
            case "end":
                return self.request.end

    def known(self) -> Iterator[tuple[int, Prefix]]:
        """The prefixes of the request at which some request may have written, longest first, each with its position.

        How tools and system share their blocks is not in the log: one system block is assumed.
        """
        turn: Turn | None = self
        before_messages = self.request.blocks - (self.request.end.blocks if self.request.end else 0)
        while turn is not None:
            if turn.request.messages:
                yield before_messages + turn.request.messages[-1].blocks, turn.request.messages[-1]
            turn = turn.previous
        if self.request.system is not None:
            yield before_messages, self.request.system
        if self.request.tools is not None:
            yield before_messages - (self.request.system is not None), self.request.tools


@dataclass(slots=True)
class _Entry:
    ttl: str
    used: float
    readable: float

    def alive(self, now: float) -> bool:
        return self.readable <= now <= self.used + TTL_SECONDS[self.ttl]


def turns(requests: Sequence[Observation]) -> list[Turn]:
    """Each request with the one that it continues: the last of its session whose prefixes it repeats and extends."""
    last: dict[tuple[str, str], Turn] = {}
    found = []
    for request in requests:
        key = (request.workspace, request.session)
        earlier = last.get(key)
        turn = Turn(request, earlier if earlier and _continues(earlier.request, request) else None)
        last[key] = turn
        found.append(turn)
    return found


def cost(sequence: Sequence[Turn], placement: Placement, facts: ModelFacts) -> float:
    """What the prompts of these requests would have cost, in tokens at the input price."""
    entries: dict[tuple[str, str], _Entry] = {}
    return sum(_charge(turn, placement, facts, entries) for turn in sequence)


def observed_cost(request: Observation, facts: ModelFacts) -> float:
    """What the prompt of a request did cost, in the same unit."""
    written = request.written_5m * WRITE_MULTIPLIERS["5m"] + request.written_1h * WRITE_MULTIPLIERS["1h"]
    return request.uncached + written + request.read * facts.cache_read_multiplier


def _charge(turn: Turn, placement: Placement, facts: ModelFacts, entries: dict[tuple[str, str], _Entry]) -> float:
    request = turn.request
    marked = [
        (prefix, ttl)
        for slot, ttl in placement.breakpoints
        if (prefix := turn.prefix(slot)) is not None and prefix.tokens >= facts.minimum_tokens
    ]
    read = max((tokens for prefix, _ in marked for tokens in _found(turn, prefix, entries)), default=0.0)
    for prefix, ttl in marked:
        entry = entries.get((request.workspace, prefix.identity))
        if entry is None or not entry.alive(request.started):
            entries[request.workspace, prefix.identity] = _Entry(ttl, request.started, request.readable)
    long = max((prefix.tokens for prefix, ttl in marked if ttl == "1h" and prefix.tokens > read), default=read)
    last = max((prefix.tokens for prefix, _ in marked if prefix.tokens > read), default=read)
    written = (long - read) * WRITE_MULTIPLIERS["1h"] + (last - long) * WRITE_MULTIPLIERS["5m"]
    return read * facts.cache_read_multiplier + written + (request.total - last)


def _found(turn: Turn, prefix: Prefix, entries: Mapping[tuple[str, str], _Entry]) -> Iterator[float]:
    """The tokens of the longest entry that a breakpoint finds, if any; the entry is refreshed."""
    reached: int | None = None
    for position, candidate in turn.known():
        if candidate.identity == prefix.identity:
            reached = position
        if reached is None or reached - position >= LOOKBACK:
            continue
        entry = entries.get((turn.request.workspace, candidate.identity))
        if entry is not None and entry.alive(turn.request.started):
            entry.used = turn.request.started
            yield candidate.tokens
            return


def _continues(earlier: Observation, later: Observation) -> bool:
    """Whether every prefix that both requests know is the same, and the later one is longer."""
    if earlier.end is None or later.end is None or later.end.blocks <= earlier.end.blocks:
        return False
    known = {prefix.blocks: prefix.identity for prefix in later.messages}
    shared = [prefix for prefix in earlier.messages if prefix.blocks in known]
    return bool(shared) and all(known[prefix.blocks] == prefix.identity for prefix in shared)
