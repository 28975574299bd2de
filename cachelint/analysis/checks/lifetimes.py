"""CL503 and CL605: the lifetimes of breakpoints, their order in the request and whether they fit its rhythm."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Marker, Request
from cachelint.analysis.schedules import interval
from cachelint.analysis.surroundings import loop_around, mentions, pause
from cachelint.findings import Confidence
from cachelint.prompt.layout import TTL_SECONDS

_WAITING = frozenset(("input", "sleep", "recv", "receive", "prompt", "ask", "get_input", "readline", "wait"))


def ttl_order(request: Request) -> Iterator[Problem]:
    """CL503: a one-hour breakpoint behind a five-minute one, or automatic caching that contradicts the last block."""
    shorter = False
    for block in request.blocks:
        marker = block.marker
        if marker is None or marker.maybe or block.maybe or block.alternative:
            continue
        if marker.ttl == "1h" and shorter:
            yield _problem(request, marker, f"{block.position}: {_ORDER}")
            return
        shorter = shorter or marker.ttl == "5m"
    automatic = request.automatic
    if automatic is None or automatic.maybe or not request.blocks:
        return
    last = request.blocks[-1].marker
    if last is not None and not last.maybe and last.ttl in TTL_SECONDS and automatic.ttl in TTL_SECONDS:
        if last.ttl != automatic.ttl:
            message = f"Automatic caching asks for {automatic.ttl} on a block that is marked for {last.ttl}."
            yield _problem(request, automatic, message)
    elif automatic.ttl == "1h" and shorter:
        yield _problem(request, automatic, f"Automatic caching: {_ORDER}")


_ORDER = "a breakpoint of 1h stands behind one of 5m; the API takes the longer lifetime first."


def _problem(request: Request, marker: Marker, message: str) -> Problem:
    return Problem("CL503", request, marker.site or request.call.site, message)


def ttl_fits(request: Request) -> Iterator[Problem]:
    """CL605: five minutes in a batch or in a job that pauses longer, an hour in a loop that pauses for nobody."""
    markers = [block.marker for block in request.blocks if block.marker is not None and not block.marker.maybe]
    if request.automatic is not None:
        markers.append(request.automatic)
    short = next((marker for marker in markers if marker.ttl == "5m"), None)
    long = next((marker for marker in markers if marker.ttl == "1h"), None)
    if request.call.sink.method == "batch":
        if short is not None:
            yield _unfit(request, short, "A batch takes up to an hour and more; entries of 5 minutes expire before.")
        return
    seconds = max((found for site in request.places for found in (pause(site), interval(site)) if found), default=0)
    if short is not None and TTL_SECONDS["5m"] < seconds <= TTL_SECONDS["1h"]:
        message = f"{seconds:,.0f} seconds pass between two runs; an entry of 5 minutes is gone by then."
        yield _unfit(request, short, message)
    elif long is not None and short is None and not seconds and _restless(request):
        message = (
            "The loop waits for nobody between its requests: 5 minutes are enough, and their writes cost 1.25 not 2."
        )
        yield _unfit(request, long, message, Confidence.LOW)


def _restless(request: Request) -> bool:
    """Whether the request is sent by a loop of tool calls, in which no person is waited for."""
    loop = loop_around(request.call.site)
    if not isinstance(loop, (cst.For, cst.While)) or mentions(loop, _WAITING):
        return False
    return mentions(loop.body, frozenset(("stop_reason", "tool_use")))


def _unfit(request: Request, marker: Marker, message: str, confidence: Confidence | None = None) -> Problem:
    return Problem("CL605", request, marker.site or request.call.site, message, confidence=confidence)
