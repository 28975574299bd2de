"""CL502 and CL603: breakpoints behind content that no two requests share.

Where static text stands before such content without a breakpoint of its own, the marker is in the wrong place (CL502);
where nothing does, it is of no use (CL603). Conversations are left alone: their next turn reads what this one writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.constancy import argument, own_element, static_text
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import function_around, loop_around
from cachelint.analysis.syntax import Site
from cachelint.findings import Confidence, Severity


def unshared(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL502 and CL603: content of each request's own before a breakpoint."""
    talks = _conversations(requests)
    for request in requests:
        if request.breakpoints and request.call.site not in talks:
            if len(request.call.loops) == 1:
                yield from _one_for_each(request)
            elif not request.call.loops:
                yield from _single_question(request, requests)


def _conversations(requests: Sequence[Request]) -> set[Site]:
    """The calls that send more than one message on any way that leads to them."""
    found = set()
    for request in requests:
        messages = request.tier("messages")
        several = any(block.stored or block.repeated or block.role == "assistant" for block in messages)
        if several or "messages" in request.unknown or not messages:
            found.add(request.call.site)
    return found


def _one_for_each(request: Request) -> Iterator[Problem]:
    """A request for each element of a collection, with that element before a breakpoint."""
    start = 0
    for point in request.breakpoints:
        covered = request.blocks[start : point + 1]
        start = point + 1
        name = next((name for block in covered if (name := own_element(request, block)) is not None), None)
        if name is not None:
            code = "CL502" if any(map(static_text, covered)) else "CL603"
            message = f"The breakpoint covers `{name}`, which no two requests share: each writes, none reads."
            yield from _problem(code, request, point, message)
            return


def _single_question(request: Request, requests: Sequence[Request]) -> Iterator[Problem]:
    """A breakpoint at the very end of a question that nothing continues: only an identical request reads it."""
    messages = request.tier("messages")
    last = len(request.blocks) - 1
    if request.breakpoints[-1] != last or request.call.sink.method == "batch":
        return
    if any(b.maybe or b.alternative or not b.position.startswith("messages[0]") for b in messages):
        return
    name = argument(messages[-1])
    if name is None or any(block.variations for block in request.blocks):
        return
    if loop_around(request.call.site) is not None or _has_sibling(request, requests):
        return
    misplaced = len(request.breakpoints) == 1 and any(map(static_text, request.blocks[:last]))
    message = f"The breakpoint stands behind `{name}`, the end of a single question: only the same request reads it."
    yield from _problem("CL502" if misplaced else "CL603", request, last, message, Severity.WARNING)


def _has_sibling(request: Request, requests: Sequence[Request]) -> bool:
    """Whether the same function sends another request, which may continue this one."""
    own = function_around(request.call.site)
    return any(
        other.call.site != request.call.site and function_around(other.call.site) is own
        for other in requests
        if other.call.site.segment is request.call.site.segment
    )


def _problem(
    code: str, request: Request, point: int, message: str, severity: Severity | None = None
) -> Iterator[Problem]:
    marker, position = request.marker_at(point), request.blocks[point].position
    if not marker.maybe:
        site = marker.site or request.call.site
        yield Problem(code, request, site, message, severity, Confidence.MEDIUM, position=position)
