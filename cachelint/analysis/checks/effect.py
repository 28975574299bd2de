"""CL601 and CL602: a prefix too short to be cached, and one long enough that is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.constancy import leaves
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.request import Block, Request
from cachelint.analysis.surroundings import function_around
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Constant, constant_text, options_of, parts_of
from cachelint.analysis.variation import Period
from cachelint.prompt.layout import TIERS, Tier
from cachelint.prompt.models import ModelFacts, model_facts
from cachelint.prompt.tokens import estimate_tokens

MARGIN = 1.25
"""How far an estimate must stay below the minimum before it is reported."""

WORTHWHILE = 1.5
"""How many times the minimum a prefix must have before its absence from the cache is reported."""

_SUBJECTS: dict[tuple[Tier, ...], str] = {
    ("tools",): "The tools have",
    ("system",): "The system prompt has",
    ("tools", "system"): "The tools and the system prompt have",
}

LOWEST_MINIMUM = 512
"""Tokens below which no model caches; what is assumed of a model that the source does not name."""

HIDDEN_TOOL_TOKENS = 804
"""The most that the instructions which the API adds for tools have, in tokens (Anthropic documentation, Pricing)."""

HIGHEST_MINIMUM = 4096
"""Tokens from which on every model caches."""


def below_minimum(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL601: everything before the last breakpoint is known and too short to be cached, in each use of its marker."""
    found: dict[Site, list[Problem | None]] = {}
    for request in requests:
        last = request.last_breakpoint
        marker = (request.blocks[last].marker or request.automatic) if last is not None else None
        if marker is not None:
            site = marker.site or request.call.site
            found.setdefault(site, []).append(next(_too_short(request), None))
    for problems in found.values():
        if all(problem is not None for problem in problems):
            yield from (problem for problem in problems if problem is not None)


def _too_short(request: Request) -> Iterator[Problem]:
    last = request.last_breakpoint
    if last is None or _tools_unseen(request):
        return
    prefix = request.blocks[: last + 1]
    marker = prefix[-1].marker or request.automatic
    if marker is None or marker.maybe or any(block.repeated or block.maybe or block.alternative for block in prefix):
        return
    text = _known_text(prefix)
    facts = _models(request)
    if not text or not (facts or request.call.sink.client == "anthropic"):
        return
    lowest = min(facts, key=lambda model: model.minimum_tokens, default=None)
    minimum = lowest.minimum_tokens if lowest is not None else LOWEST_MINIMUM
    estimate = estimate_tokens(text, lowest.id if lowest is not None else None)
    hidden = HIDDEN_TOOL_TOKENS if request.tier("tools") else 0
    most = estimate.likely * MARGIN if lowest is not None else estimate.upper
    if most + hidden < minimum:
        who = f"{lowest.id} caches none" if lowest is not None else "no model caches one"
        yield Problem(
            "CL601",
            request,
            marker.site or request.call.site,
            f"The prefix up to {prefix[-1].position} has about {estimate.likely:,} tokens; {who} shorter than "
            f"{minimum:,}, and does not say so.",
            position=prefix[-1].position,
        )


def _known_text(blocks: list[Block]) -> str | None:
    """All that the blocks render, keys of tools as filler; None when a part of it is not known."""
    pieces: list[str] = []
    for block in blocks:
        length = block.exact_length
        if length is None:
            return None
        text = "".join(str(leaf.value) for leaf in leaves(block.value) if isinstance(leaf, Constant))
        pieces.append(text + "." * (length - len(text)))
    return "".join(pieces)


def _tools_unseen(request: Request) -> bool:
    return request.call.open and "tools" not in request.parameters


def _models(request: Request) -> list[ModelFacts]:
    """What is known of the models that the request may go to; nothing when one of them is not known."""
    known = _known_models(request)
    value = request.parameters.get("model")
    return known if value is not None and len(known) == len(options_of(value)) else []


def _known_models(request: Request) -> list[ModelFacts]:
    """What is known of those models that the source names: a default is what most callers leave."""
    value = request.parameters.get("model")
    texts = (constant_text(option) for option in (options_of(value) if value is not None else ()))
    found = (model_facts(text) for text in texts if text is not None)
    return [facts for facts in found if facts is not None]


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
    opened = _known_head(request, len(prefix))
    tokens = estimate_tokens((_known_text(prefix) or "") + opened, request.model).likely
    minimum = max((model.minimum_tokens for model in _known_models(request)), default=HIGHEST_MINIMUM)
    if opened:
        prefix.append(request.blocks[len(prefix)])
    if prefix and tokens >= WORTHWHILE * minimum:
        tiers = tuple(tier for tier in TIERS if any(block.tier == tier for block in prefix))
        where = f", those at the start of {prefix[-1].position} included," if opened else ""
        message = (
            f"{_SUBJECTS[tiers]} about {tokens:,} tokens{where} that never change and are not cached: "
            f"each request pays them in full."
        )
        advice = _SPLIT if opened else None
        yield Problem("CL602", request, call.site, message, position=prefix[-1].position, tiers=tiers, advice=advice)


_SPLIT = "Put the text that never changes into a block of its own, mark it, and let the rest follow in a second block."


def _known_head(request: Request, index: int) -> str:
    """The known text with which the first block of the system prompt begins that is not the same in each request.

    A block that is known to vary has a finding of its own.
    """
    block = request.blocks[index] if index < len(request.blocks) else None
    if block is None or block.tier != "system" or block.maybe or block.alternative or block.variations:
        return ""
    parts = parts_of(block.value)
    return parts[0] if len(parts) > 1 and isinstance(parts[0], str) else ""


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
