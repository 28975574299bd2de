"""A simulator of the prompt cache: request bodies in, the cache counters of `usage` out.

    cache = PromptCache(clock=ManualClock())
    cache.send(body)        # CacheUsage(input_tokens=12, read=0, write_5m=3100, write_1h=0)
    cache.send(body)        # CacheUsage(input_tokens=12, read=3100, write_5m=0, write_1h=0)

It follows the published behaviour (Anthropic documentation, Prompt caching, 2026-08-21) for minimum length, breakpoints
and automatic caching, the lookback of 20 positions, both TTLs counted from the start of a request, refresh by a hit,
what breaks which tier, isolation of workspaces, and visibility of an entry only once its writer's response has begun.

Where the documentation is silent or says "depends on the model", it decides as follows, and these are assumptions:

- a parameter loses the most that it may lose (`cachelint.prompt.PARAMETER_TIERS`);
- an entry is found whatever TTL it was written with, and keeps that TTL;
- a hit refreshes the entry that each breakpoint finds, not only the longest;
- an entry lives exactly as long as its TTL (the API promises *at least*), and none is evicted early;
- tokens are the kernel's estimates, without the hidden tool instructions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cachelint.prompt import LOOKBACK, TTL_SECONDS, estimate_block_tokens, model_facts
from cachelint.testing.clock import Clock, SystemClock
from cachelint.testing.history import TokenCounter
from cachelint.testing.prefix import Position, positions
from cachelint.testing.server_tools import continuations

MINIMUM_FOR_UNKNOWN_MODELS = 1_024
"""The shortest prefix that is cached for a model that cachelint does not know (the most common value)."""


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """The input side of one response's usage, in tokens. The four numbers add up to the prompt."""

    input_tokens: int
    """What lies behind the last breakpoint, at the full price."""
    read: int
    write_5m: int
    write_1h: int

    @property
    def write(self) -> int:
        """What is written with either TTL."""
        return self.write_5m + self.write_1h

    @property
    def total(self) -> int:
        """The whole prompt."""
        return self.input_tokens + self.read + self.write


def together(usages: Sequence[CacheUsage]) -> CacheUsage:
    """The sum of several usages, counter by counter."""
    return CacheUsage(
        input_tokens=sum(usage.input_tokens for usage in usages),
        read=sum(usage.read for usage in usages),
        write_5m=sum(usage.write_5m for usage in usages),
        write_1h=sum(usage.write_1h for usage in usages),
    )


@dataclass(slots=True)
class _Entry:
    ttl: str
    used: float
    """Start of the last request that wrote or read it."""

    def alive(self, now: float) -> bool:
        return now - self.used <= TTL_SECONDS[self.ttl]


@dataclass(slots=True)
class PendingRequest:
    """A request whose response has not begun: its usage is known, what it writes cannot be read by others yet."""

    iterations: tuple[CacheUsage, ...]
    """The usage of each time that the model is asked: once, and again behind each result of a server tool."""
    _started: float
    _written: Mapping[bytes, str]
    _cache: PromptCache
    _lane: str

    @property
    def usage(self) -> CacheUsage:
        """That of all iterations together."""
        return together(self.iterations)

    def respond(self) -> CacheUsage:
        """The response begins: from now on others can read what this request wrote."""
        self._cache._publish(self._lane, self._written, self._started)
        return self.usage


@dataclass(slots=True)
class PromptCache:
    """The caches of all workspaces. Safe to use from several threads."""

    clock: Clock = field(default_factory=SystemClock)
    count: TokenCounter = estimate_block_tokens
    _entries: dict[tuple[str, bytes], _Entry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, body: Mapping[str, Any], *, workspace: str = "default", betas: Iterable[str] = ()) -> CacheUsage:
        """The usage of a request that is answered before anything else is sent."""
        return self.begin(body, workspace=workspace, betas=betas).respond()

    def begin(
        self,
        body: Mapping[str, Any],
        *,
        workspace: str = "default",
        betas: Iterable[str] = (),
        answered: Sequence[Mapping[str, Any]] = (),
    ) -> PendingRequest:
        """A request arrives. Call `respond` on the result when its response begins.

        `body` is what goes to `POST /v1/messages`, and must be one that the API accepts (`cachelint.prompt.problems`).
        `answered`: the content blocks of its answer, which count where they are results of server tools.
        """
        laid_out = positions(body, betas, self.count)
        marked = _effective_breakpoints(laid_out, str(body.get("model", "")))
        now = self.clock.now()
        with self._lock:
            hit = self._read(workspace, laid_out, marked, now)
        written = {laid_out[index].digest: _ttl(laid_out[index]) for index in marked}
        iterations = [_bill(laid_out, marked, hit)]
        for prompt in continuations(body, answered):
            longer, reached = positions(prompt, betas, self.count), max(marked, default=-1)
            marked = _effective_breakpoints(longer, str(body.get("model", "")))
            written |= {longer[index].digest: _ttl(longer[index]) for index in marked if index > reached}
            iterations.append(_bill(longer, marked, reached))
        return PendingRequest(tuple(iterations), now, written, self, workspace)

    def clear(self) -> None:
        """Forget every entry."""
        with self._lock:
            self._entries.clear()

    def _read(self, lane: str, laid_out: Sequence[Position], marked: Sequence[int], now: float) -> int:
        """The index of the longest prefix found, or -1. What each breakpoint finds is refreshed."""
        longest = -1
        for index in marked:
            for candidate in range(index, max(index - LOOKBACK, -1), -1):
                entry = self._entries.get((lane, laid_out[candidate].digest))
                if entry is not None and entry.alive(now):
                    entry.used = now
                    longest = max(longest, candidate)
                    break
        return longest

    def _publish(self, lane: str, written: Mapping[bytes, str], started: float) -> None:
        with self._lock:
            for digest, ttl in written.items():
                entry = self._entries.get((lane, digest))
                if entry is None or not entry.alive(started):
                    self._entries[lane, digest] = _Entry(ttl, started)


def _effective_breakpoints(laid_out: Sequence[Position], model: str) -> list[int]:
    """The breakpoints whose prefix is long enough. The others do nothing, silently."""
    facts = model_facts(model)
    minimum = facts.minimum_tokens if facts else MINIMUM_FOR_UNKNOWN_MODELS
    return [index for index, place in enumerate(laid_out) if place.marker is not None and place.tokens >= minimum]


def _bill(laid_out: Sequence[Position], marked: Sequence[int], hit: int) -> CacheUsage:
    """Charge by the documented positions: A, the end of what was read; B, the last 1-hour breakpoint behind it; C, the
    last breakpoint. A is read, A to B written for an hour, B to C for five minutes, the rest is plain input."""
    total = laid_out[-1].tokens if laid_out else 0
    a = laid_out[hit].tokens if hit >= 0 else 0
    b = max((laid_out[index].tokens for index in marked if index > hit and _ttl(laid_out[index]) == "1h"), default=a)
    c = max((laid_out[index].tokens for index in marked if index > hit), default=a)
    return CacheUsage(input_tokens=total - c, read=a, write_5m=c - b, write_1h=b - a)


def _ttl(place: Position) -> str:
    assert place.marker is not None
    return place.marker.ttl
