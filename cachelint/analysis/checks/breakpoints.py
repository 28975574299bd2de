"""CL5: how many breakpoints there are, in which order, and where."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Marker, Request
from cachelint.prompt.layout import MAXIMUM_BREAKPOINTS


def _markers(request: Request) -> list[Marker]:
    return [block.marker for block in request.blocks if block.marker is not None]


def too_many(request: Request) -> Iterator[Problem]:
    """CL501: more than four breakpoints, an automatic one included."""
    markers = _markers(request)
    certain = [
        marker
        for block in request.blocks
        if (marker := block.marker) is not None and not marker.maybe and not block.maybe
    ]
    count = len(certain) + (request.automatic is not None and not request.automatic.maybe)
    if count > MAXIMUM_BREAKPOINTS:
        site = certain[MAXIMUM_BREAKPOINTS - 1 if len(certain) == MAXIMUM_BREAKPOINTS else MAXIMUM_BREAKPOINTS].site
        automatic = ", the automatic one included" if request.automatic is not None else ""
        yield Problem(
            "CL501",
            request,
            site or request.call.site,
            f"The request sets {count} breakpoints{automatic}; the API accepts {MAXIMUM_BREAKPOINTS}.",
        )
        return
    repeated = next(
        (block for block in request.blocks if block.repeated and block.marker is not None and not block.marker.maybe),
        None,
    )
    if repeated is not None and repeated.marker is not None and markers:
        yield Problem(
            "CL501",
            request,
            repeated.marker.site or request.call.site,
            f"Every element of {repeated.position.partition('[')[0]} gets a breakpoint; "
            f"from the fifth on the API rejects the request.",
        )


def ttl_order(request: Request) -> Iterator[Problem]:
    """CL503: a one-hour breakpoint behind a five-minute one."""
    shorter: Marker | None = None
    for marker in [*_markers(request), *([request.automatic] if request.automatic is not None else [])]:
        if marker.ttl == "5m" and not marker.maybe:
            shorter = shorter or marker
        elif marker.ttl == "1h" and shorter is not None and not marker.maybe:
            yield Problem(
                "CL503",
                request,
                marker.site or request.call.site,
                "A breakpoint with ttl 1h stands behind one with ttl 5m; the API accepts longer lifetimes only before shorter ones.",
            )
            return
