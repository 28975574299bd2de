"""What a broken prefix costs: how long it is at least, and what a request pays instead of a hit."""

from __future__ import annotations

from cachelint.analysis.request import Block, Request
from cachelint.analysis.variation import Period, Variation
from cachelint.prompt.layout import DEFAULT_TTL, TIERS, WRITE_MULTIPLIERS, Tier
from cachelint.prompt.models import model_facts
from cachelint.prompt.tokens import estimate_tokens

WORTH_TELLING = 50
"""A prefix of which fewer tokens are known is not said to be `at least` that long."""


def prefix_tokens(request: Request) -> int:
    """How many tokens the text before the last breakpoint has at least, by the part of it that is known."""
    last = request.last_breakpoint
    length = sum(block.minimum_length for block in request.blocks[: (last if last is not None else -1) + 1])
    return estimate_tokens(length, request.model).lower


def impact_of_change(request: Request, first: Tier) -> str:
    """One sentence: what a turn loses when something changes that the tier `first` is rendered from, or one behind."""
    lost = " and ".join(TIERS[TIERS.index(first) :])
    facts = model_facts(request.model) if request.model else None
    if facts is None:
        return (
            f"The turn writes {lost} again, at 1.25 to 2 times the input price, "
            "instead of reading them at a fraction of it."
        )
    times = WRITE_MULTIPLIERS[DEFAULT_TTL] / facts.cache_read_multiplier
    bound = " The model also rejects or drops the thinking behind such a change." if facts.binds_thinking else ""
    return f"The turn writes {lost} again, at {times:g} times the price of reading them on {facts.id}.{bound}"


def impact_of(request: Request, block: Block, variation: Variation) -> str | None:
    """One sentence: what a request loses when `variation` breaks the prefix."""
    if variation.period > Period.TURN:
        return None
    tokens = prefix_tokens(request)
    prefix = f"the prefix (at least {tokens:,} tokens, estimated)" if tokens >= WORTH_TELLING else "the prefix"
    sentence = f"Each request writes {prefix} and none reads it"
    facts = model_facts(request.model) if request.model else None
    if facts is None:
        return f"{sentence}: 1.25 to 2 times the input price instead of a fraction of it."
    ttl = next((point.marker.ttl for point in request.blocks if point.marker is not None), DEFAULT_TTL) or DEFAULT_TTL
    times = WRITE_MULTIPLIERS.get(ttl, WRITE_MULTIPLIERS[DEFAULT_TTL]) / facts.cache_read_multiplier
    bound = (
        " The model also rejects or drops thinking behind a prompt that has changed." if facts.binds_thinking else ""
    )
    return f"{sentence}: {times:g} times the price of a hit on {facts.id}.{bound}"
