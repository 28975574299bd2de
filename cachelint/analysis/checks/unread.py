"""CL603: a script that writes an entry and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import function_around
from cachelint.findings import Severity


def single_run(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL603: a breakpoint in the only request of a script, which nobody reads unless the script is run again."""
    for request in requests:
        if request.breakpoints and _at_top_level(request):
            module = request.call.site.segment.module
            alone = all(
                other.call.site == request.call.site for other in requests if other.call.site.segment.module is module
            )
            marker = request.marker_at(request.breakpoints[-1])
            if alone and not marker.maybe:
                message = (
                    "The script sends one request per run: what it writes is read only by a run within the lifetime."
                )
                yield Problem("CL603", request, marker.site or request.call.site, message, Severity.INFO)


def _at_top_level(request: Request) -> bool:
    call = request.call
    in_notebook = "#" in call.site.location.filename
    return not (call.loops or call.chain or call.sink.method == "batch" or in_notebook or function_around(call.site))
