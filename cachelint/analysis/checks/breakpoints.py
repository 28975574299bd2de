"""CL501: how many breakpoints a request has, and how many it gathers as its conversation grows."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Block, Marker, Request
from cachelint.prompt.layout import MAXIMUM_BREAKPOINTS


def too_many(request: Request) -> Iterator[Problem]:
    """CL501: more than four breakpoints, an automatic one included."""
    yield from _counted(request) or _on_each(request) or _left_behind(request)


def _counted(request: Request) -> list[Problem]:
    certain = [block.marker for block in request.blocks if _sure(block) and block.marker is not None]
    automatic = request.automatic is not None and not request.automatic.maybe
    if automatic and request.blocks and _sure(request.blocks[-1]):
        automatic = False  # the last block is marked already: automatic caching changes nothing
    count = len(certain) + automatic
    if count <= MAXIMUM_BREAKPOINTS:
        return []
    marker = certain[min(MAXIMUM_BREAKPOINTS, len(certain) - 1)]
    included = ", the automatic one included" if automatic else ""
    message = f"The request sets {count} breakpoints{included}; the API accepts {MAXIMUM_BREAKPOINTS}."
    return [_problem(request, marker, message)]


def _sure(block: Block) -> bool:
    marker = block.marker
    return marker is not None and not (marker.maybe or block.maybe or block.alternative)


def _on_each(request: Request) -> list[Problem]:
    """A loop that marks every element of a list."""
    for block in request.blocks:
        marker = block.marker
        if marker is None or not block.repeated or not _always(block, marker) or _is_one_of_several(request, block):
            continue
        where = block.position.partition("[")[0]
        message = (
            f"Each turn adds a breakpoint to {where} and none is taken away; the fifth is rejected."
            if block.stored
            else f"Every element of {where} gets a breakpoint; from the fifth on the API rejects the request."
        )
        return [_problem(request, marker, message)]
    return []


def _is_one_of_several(request: Request, block: Block) -> bool:
    """Whether the loop that added a block added others too, without a marker."""
    others = (other for other in request.blocks if other.tier == block.tier and other.marker is None)
    return not block.stored and block.site is not None and any(other.site == block.site for other in others)


def _always(block: Block, marker: Marker) -> bool:
    return not (marker.ttl is None or marker.maybe or block.alternative or block.scattered)


def _left_behind(request: Request) -> list[Problem]:
    """The marker of the newest message, which the older ones got in their turn and still carry."""
    marked = [
        (block, block.marker)
        for block in request.tier("messages")
        if block.marker is not None and not block.marker.maybe and not block.alternative
    ]
    kept = {marker.site for block, marker in marked if block.stored and not block.final}
    for block, marker in marked:
        if block.final and marker.site is not None and marker.site in kept:
            message = "Each turn marks its newest message and none unmarks the older ones; the fifth is rejected."
            return [_problem(request, marker, message)]
    return []


def _problem(request: Request, marker: Marker, message: str) -> Problem:
    return Problem("CL501", request, marker.site or request.call.site, message)
