"""CL604: requests that share a prefix and start together, before any has written it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.concurrency import started_together
from cachelint.analysis.constancy import common
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import function_around, loop_around
from cachelint.analysis.syntax import Site


def cold_start(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL604: each place that starts several requests with one marked prefix, none of them ahead of the others."""
    for request in requests:
        if not _shares(request):
            continue
        for depth, site in enumerate(request.places):
            start = started_together(site)
            if (
                start is not None
                and not _warmed(start, requests)
                and not _goes_on(request, request.places[depth + 1 :])
            ):
                marker = request.marker_at(request.breakpoints[0])
                where = request.blocks[request.breakpoints[0]].position
                message = (
                    f"Requests that share the prefix up to {where} start together here: "
                    f"each writes it and none can read it yet."
                )
                if not marker.maybe:
                    yield Problem("CL604", request, start, message, position=where)
                break


def _shares(request: Request) -> bool:
    """Whether the prefix up to the first breakpoint is no request's own."""
    points = request.breakpoints
    if not points:
        return False
    prefix = request.blocks[: points[0] + 1]
    return all(common(block) and not block.stored for block in prefix)


def _goes_on(request: Request, places: Sequence[Site]) -> bool:
    """Whether what is started sends one request after the other: all but its first find the prefix written."""
    return any(id(loop_around(site)) in request.call.loops for site in places)


def _warmed(start: Site, requests: Sequence[Request]) -> bool:
    """Whether the function that starts the requests together sends one ahead."""
    function = function_around(start)
    for request in requests:
        for site in request.places:
            if (
                site.segment is start.segment
                and function_around(site) is function
                and site.node is not start.node
                and started_together(site) is None
                and site.location.row <= start.location.row
            ):
                return True
    return False
