"""CL302 and CL303: a prefix that depends on the user, or on several tests that have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.difference import conditions_in
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Block, Request
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Condition, Hole, options_of, parts_of
from cachelint.prompt.layout import TIERS

MANY = 3
"""Fewer independent tests make few prefixes."""


def per_request_tools(request: Request) -> Iterator[Problem]:
    """CL302: tools that a test on the user or on the request lets in or keeps out."""
    tools = request.parameters.get("tools")
    if not request.cached or tools is None:
        return
    for block in request.tier("tools"):
        if any(condition.recurs == "user" for condition in block.conditions):
            site = block.site or block.conditions[0].site
            yield _per_user(request, site)
            return
    condition = next((each for each in conditions_in(tools) if each.recurs == "user"), None)
    if condition is not None:
        yield _per_user(request, condition.site)


def _per_user(request: Request, site: Site) -> Problem:
    message = (
        "Which tools are sent depends on the user or on the request here: two users with different tools share nothing."
    )
    return Problem("CL302", request, site, message, tiers=TIERS)


def _on_what_is_written(block: Block) -> Iterator[Condition]:
    """The tests that add text which the program writes down; a section that is there when its data are is no flag."""
    if block.conditions and block.exact_length is not None:
        yield from block.conditions
    holes = {sum(isinstance(part, Hole) for part in parts_of(option)) for option in options_of(block.value)}
    if len(holes) == 1:
        yield from conditions_in(block.value)


def conditional_prefix(request: Request) -> Iterator[Problem]:
    """CL303: three or more tests that decide independently what stands before the last breakpoint."""
    last = request.last_breakpoint
    if last is None:
        return
    found: dict[str, Condition] = {}
    for block in request.blocks[: last + 1]:
        if block.tier == "system":
            for condition in _on_what_is_written(block):
                if condition.recurs and not condition.growth:
                    found.setdefault(condition.text, condition)
    if len(found) >= MANY:
        marker = next(
            (block.marker for block in reversed(request.blocks[: last + 1]) if block.marker is not None), None
        )
        site = marker.site if marker is not None and marker.site is not None else request.call.site
        message = (
            f"{len(found)} independent tests decide what the cached prefix contains: "
            f"it has up to {2 ** len(found)} forms."
        )
        yield Problem("CL303", request, site, message, tiers=("system", "messages"))
