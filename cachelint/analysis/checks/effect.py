"""CL601 and CL602: a prefix too short to be cached, and one long enough that is not."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.contexts import is_test
from cachelint.analysis.request import Block, Request
from cachelint.analysis.surroundings import function_around
from cachelint.analysis.values import constant_text, options_of
from cachelint.analysis.variation import Period
from cachelint.prompt.layout import TIERS
from cachelint.prompt.models import ModelFacts, model_facts
from cachelint.prompt.tokens import estimate_tokens

MARGIN = 1.25
"""How far an estimate must stay below the minimum before it is reported."""

WORTHWHILE = 1.5
"""How many times the minimum a prefix must have before its absence from the cache is reported."""

LOWEST_MINIMUM = 512
"""Tokens below which no model caches; what is assumed of a model that the source does not name."""

HIGHEST_MINIMUM = 4096
"""Tokens from which on every model caches."""


def below_minimum(request: Request) -> Iterator[Problem]:
    """CL601: everything before the last breakpoint is known, and it is too short to be cached."""
    last = request.last_breakpoint
    if last is None or request.call.sink.client != "anthropic" or _tools_unseen(request):
        return
    prefix = request.blocks[: last + 1]
    marker = prefix[-1].marker or request.automatic
    if marker is None or marker.maybe or any(block.repeated or block.maybe or block.alternative for block in prefix):
        return
    lengths = [block.exact_length for block in prefix]
    if None in lengths:
        return
    characters = sum(length for length in lengths if length is not None)
    facts = _models(request)
    if facts:
        tokens = estimate_tokens(characters, request.model).likely
        lowest = min(facts, key=lambda model: model.minimum_tokens)
        too_short, minimum, who = tokens * MARGIN < lowest.minimum_tokens, lowest.minimum_tokens, lowest.id
    else:
        tokens = estimate_tokens(characters).likely
        too_short, minimum, who = estimate_tokens(characters).upper < LOWEST_MINIMUM, LOWEST_MINIMUM, "no model"
    if too_short:
        what = f"{who} caches none shorter than {minimum:,}" if facts else f"no model caches fewer than {minimum:,}"
        yield Problem(
            "CL601",
            request,
            marker.site or request.call.site,
            f"The prefix up to {prefix[-1].position} has about {tokens:,} tokens; {what}, and does not say so.",
            position=prefix[-1].position,
        )


def _tools_unseen(request: Request) -> bool:
    return request.call.open and "tools" not in request.parameters


def _models(request: Request) -> list[ModelFacts]:
    """What is known of the models that the request may go to; nothing when one of them is not known."""
    value = request.parameters.get("model")
    found = [
        model_facts(text) if (text := constant_text(option)) is not None else None
        for option in (options_of(value) if value is not None else ())
    ]
    known = [facts for facts in found if facts is not None]
    return known if len(known) == len(found) else []


def uncached(request: Request) -> Iterator[Problem]:
    """CL602: tools and system prompt are long and always the same, and nothing is cached."""
    call = request.call
    if request.cached or call.open or call.sink.client != "anthropic" or call.sink.method == "count_tokens":
        return
    if "extra_body" in request.parameters or is_test(call.site.segment.module.filename):
        return
    if not call.loops and not call.chain and function_around(call.site) is None:
        return
    prefix = _static_prefix(request)
    tokens = estimate_tokens(sum(block.minimum_length for block in prefix), request.model).likely
    facts = _models(request)
    minimum = max((model.minimum_tokens for model in facts), default=HIGHEST_MINIMUM)
    if prefix and tokens >= WORTHWHILE * minimum:
        tiers = tuple(tier for tier in TIERS if any(block.tier == tier for block in prefix))
        message = (
            f"{' and '.join(tiers).capitalize()} have about {tokens:,} tokens that never change and are not cached: "
            f"each request pays them in full."
        )
        yield Problem("CL602", request, call.site, message, position=prefix[-1].position, tiers=tiers)


def _static_prefix(request: Request) -> list[Block]:
    """The blocks at the start of tools and system that are the same in each request."""
    found: list[Block] = []
    for block in request.blocks:
        unstable = any(variation.period < Period.DAY for variation in block.variations)
        if block.tier == "messages" or block.maybe or block.repeated or block.alternative or unstable:
            break
        if block.exact_length is None:
            break
        found.append(block)
    return found
