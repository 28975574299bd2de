"""The figures of a report, as plain data: what renderers, gates and comparisons read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio that knows what it is made of. Without a denominator it is *not available*, never zero."""

    numerator: int | Decimal
    denominator: int | Decimal

    @property
    def value(self) -> float | None:
        """The quotient, or `None`."""
        return float(self.numerator / self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Tokens and money of some requests. Money is in USD and `None` where the model has no price."""

    requests: int
    input: int
    """Tokens neither read from the cache nor written to it."""
    output: int
    read: int
    write_5m: int
    write_1h: int
    cost: Decimal | None
    cost_without_cache: Decimal | None
    cost_parts: Mapping[str, Decimal | None]
    """`cost` by class of token; the parts add up to it."""
    recoverable: Decimal | None
    """`cost` less the cost with perfect caching of the same requests."""
    steps: int
    """Requests that continue a conversation within the lifetime of what it has cached."""
    healthy_steps: int
    """Those of them that read all that was cached."""

    @property
    def writes(self) -> int:
        """Tokens written to the cache, whatever their lifetime."""
        return self.write_5m + self.write_1h

    @property
    def prompt(self) -> int:
        """All tokens of the prompts."""
        return self.input + self.writes + self.read

    @property
    def hit_ratio(self) -> Ratio:
        """Read / (read + written + uncached), by tokens: what the Anthropic Console calls the cache rate."""
        return Ratio(self.read, self.prompt)

    @property
    def continuity(self) -> Ratio:
        """Healthy steps / steps: independent of how long conversations are."""
        return Ratio(self.healthy_steps, self.steps)

    @property
    def saved(self) -> Decimal | None:
        """What caching saved; negative when it costs more than it brings."""
        if self.cost is None or self.cost_without_cache is None:
            return None
        return self.cost_without_cache - self.cost

    @property
    def cost_with_perfect_cache(self) -> Decimal | None:
        """The least that the same requests could have cost with the lifetimes that they used."""
        return None if self.cost is None or self.recoverable is None else self.cost - self.recoverable

    @property
    def capture(self) -> Ratio | None:
        """How much of what caching could save it did save; negative when it costs more than it brings."""
        if self.saved is None or self.recoverable is None or not self.steps:
            return None
        possible = self.saved + self.recoverable
        return Ratio(self.saved, possible) if possible > 0 else None

    @property
    def waste(self) -> Ratio | None:
        """Recoverable / cost; not available where no request could have read what another had cached."""
        if self.cost is None or self.recoverable is None or not self.steps:
            return None
        return Ratio(self.recoverable, self.cost)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one model, day, call site …"""

    name: str | None
    """`None` for requests of which the log does not know it."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Requests that are in no total, because nothing says what they cost."""

    model: str
    reason: str
    requests: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding of `cachelint check` that explains a part of a miss."""

    code: str
    name: str
    filename: str
    row: int
    column: int
    message: str
    requests: int
    """Those of the miss that it explains, together with the other explanations of these."""
    tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Miss:
    """Requests of one call site that lost cached tokens for one cause."""

    code: str
    name: str
    call_site: str | None
    requests: int
    tokens: int
    cost: Decimal | None
    """What the loss cost: the price that the lost tokens were billed at less that of reading them."""
    recoverable: bool
    """Whether it is part of the recoverable waste; expiry is not, under the lifetime that was asked for."""
    verdict: str
    """`avoidable`, `expected` or `unknown`."""
    confidence: str
    """`high` from fingerprints, `medium` from the API's own diagnosis or plain consequence, `low` from counters
    alone."""
    first: datetime | None
    last: datetime | None
    detail: str | None
    """What is known beyond the code: where prompts diverge, which parameter, how long the gaps were."""
    explanations: tuple[Explanation, ...] | None = None
    """The findings that explain it, the costliest first; None where no source was looked at."""
    in_source: bool | None = None
    """Whether the source that was looked at has its call."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Lines or files that were not counted, with some of them to look at."""

    reason: str
    count: int
    samples: tuple[str, ...] = ()
    """`file:line`, or the file."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read."""

    files: tuple[str, ...]
    size: int
    """Bytes on disk."""
    lines: int
    sources: Mapping[str, int]
    """Title of each source -> records with usage."""
    duplicates: int
    """Records of responses that were counted already."""
    failed: int
    """Requests that failed and cost nothing."""
    skipped_lines: tuple[Skipped, ...]
    skipped_files: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class WriteWaste:
    """Tokens that were written to the cache and that nothing in the log reads; other readers are unseen."""

    tokens: int
    cost: Decimal
    """What writing them cost beyond the price of uncached input."""
    terminal_tokens: int
    """Those of last requests of conversations, which are unread by construction; not in `tokens`."""
    terminal_cost: Decimal


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What switching all writes of a model to one lifetime would have cost on the observed gaps."""

    model: str
    cost: Decimal
    cost_5m: Decimal
    cost_1h: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """Tokens of a model on a day, by class, in the log and in the provider's usage report."""

    day: str
    model: str
    """Normalised id."""
    logged: Mapping[str, int]
    provider: Mapping[str, int]
    logged_cost: Decimal | None = None
    """In USD; only beside a cost report, and where the model has a price."""
    provider_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report says."""

    first: datetime | None
    """Start of the first request, in UTC."""
    last: datetime | None
    total: Figures
    """Of every request that has a price."""
    models: tuple[Row, ...]
    dimension: str
    """What `groups` are by."""
    groups: tuple[Row, ...]
    timeline: tuple[Row, ...]
    """By day, or by hour when there are at most two days."""
    call_sites: int
    unpriced: tuple[Unpriced, ...]
    misses: tuple[Miss, ...]
    lifetimes: tuple[Lifetime, ...]
    write_waste: WriteWaste
    inputs: Inputs
    notes: tuple[str, ...] = ()
    """What to know when reading the figures, one sentence each."""
    differences: tuple[Difference, ...] | None = None
    """Against the provider's usage report, when there was one to compare with."""

    @property
    def pricing_coverage(self) -> Ratio:
        """The requests that have a price / all requests."""
        return Ratio(self.total.requests, self.total.requests + sum(item.requests for item in self.unpriced))
