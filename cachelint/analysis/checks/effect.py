"""CL6: caching that has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request
from cachelint.prompt.models import model_facts
from cachelint.prompt.tokens import estimate_tokens

MARGIN = 1.25
"""How far an estimate must stay below the minimum before it is reported."""


def below_minimum(request: Request) -> Iterator[Problem]:
    """CL601: everything before the last breakpoint is known, and it is too short to be cached."""
    last = request.last_breakpoint
    facts = model_facts(request.model) if request.model else None
    if last is None or facts is None or (request.call.open and "tools" not in request.parameters):
        return
    prefix = request.blocks[: last + 1]
    marker = prefix[-1].marker or request.automatic
    if marker is None or marker.maybe or any(block.repeated or block.maybe for block in prefix):
        return
    lengths = [block.exact_length for block in prefix]
    if None in lengths:
        return
    tokens = estimate_tokens(sum(length for length in lengths if length is not None), request.model).likely
    if tokens * MARGIN < facts.minimum_tokens:
        yield Problem(
            "CL601",
            request,
            marker.site or request.call.site,
            f"The prefix up to {prefix[-1].position} has about {tokens:,} tokens; "
            f"{facts.id} caches none shorter than {facts.minimum_tokens:,}, and does not say so.",
            position=prefix[-1].position,
        )
