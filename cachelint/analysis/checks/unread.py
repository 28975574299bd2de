"""CL603: entries that are written and that no later request can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.placement import marker_at, sent_for_each
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.constancy import argument, own_element, static_text
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import function_around, loop_around
from cachelint.findings import Confidence, Severity


def never_read(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL603: a prefix that is unique to its request, and a script that sends one request."""
    for request in requests:
        if request.breakpoints:
            yield from _unique(request)
            yield from _only_message(request, requests)
            yield from _single_run(request, requests)


def _unique(request: Request) -> Iterator[Problem]:
    """A breakpoint behind content of which each request of a loop has its own, with nothing static to share."""
    if not sent_for_each(request):
        return
    for number, point in enumerate(request.breakpoints):
        start = request.breakpoints[number - 1] + 1 if number else 0
        own = request.blocks[start : point + 1]
        names = [name for block in own if (name := own_element(request, block)) is not None]
        if not names or any(static_text(block) for block in own):
            continue
        marker = marker_at(request, point)
        message = (
            f"Each request has a `{names[0]}` of its own before this breakpoint: the entry is written and never read."
        )
        yield Problem("CL603", request, marker.site or request.call.site, message, position=own[-1].position)
        return


def _only_message(request: Request, requests: Sequence[Request]) -> Iterator[Problem]:
    """A marker at the very end of a single question, which only an identical request could read.

    Where static text stands before it, without a marker of its own, it is a marker in the wrong place: CL502.
    """
    messages = request.tier("messages")
    last = len(request.blocks) - 1
    if request.call.loops or request.breakpoints[-1] != last or not messages or request.call.sink.method == "batch":
        return
    if any(b.stored or b.repeated or b.maybe or b.alternative or b.position[:11] != "messages[0]" for b in messages):
        return
    name = argument(messages[-1])
    marker = marker_at(request, last)
    if name is None or marker.maybe or any(block.variations for block in request.blocks):
        return
    if loop_around(request.call.site) is not None or _has_sibling(request, requests):
        return
    message = (
        f"The breakpoint stands behind `{name}`, the end of a single question: only an identical request reads it."
    )
    code = "CL502" if len(request.breakpoints) == 1 and any(map(static_text, request.blocks[:last])) else "CL603"
    yield Problem(
        code,
        request,
        marker.site or request.call.site,
        message,
        Severity.WARNING,
        Confidence.MEDIUM,
        position=messages[-1].position,
    )


def _has_sibling(request: Request, requests: Sequence[Request]) -> bool:
    """Whether the same function sends another request, which may continue this one."""
    own = function_around(request.call.site)
    return any(
        other.call.site != request.call.site and function_around(other.call.site) is own
        for other in requests
        if other.call.site.segment is request.call.site.segment
    )


def _single_run(request: Request, requests: Sequence[Request]) -> Iterator[Problem]:
    """A script that sends one request each time that it is run."""
    call = request.call
    module = call.site.segment.module
    if call.loops or call.chain or call.sink.method == "batch" or "#" in call.site.location.filename:
        return
    if function_around(call.site) is not None:
        return
    if any(other.call.site != call.site for other in requests if other.call.site.segment.module is module):
        return
    marker = marker_at(request, request.breakpoints[-1])
    if marker.maybe:
        return
    message = "The script sends one request per run: what it writes is read only by a run within the lifetime."
    yield Problem("CL603", request, marker.site or call.site, message, Severity.INFO)
