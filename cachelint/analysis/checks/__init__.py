"""The rules: each module takes request models and yields findings; none knows syntax.

varying       CL1, CL2, CL3: what varies before a breakpoint
sharing       CL302, CL303: a prefix that depends on the user, or on many tests
parameters    CL402 to CL405: requests of one conversation that differ in more than their messages
history       CL401: messages that are changed after they were sent
breakpoints   CL501: how many breakpoints
placement     CL502, CL505: breakpoints on text that grows, and static content behind them
unshared      CL502, CL603: breakpoints behind content that no two requests share
lifetimes     CL503, CL605: the order of lifetimes, and whether they fit
markers       CL504: markers that the API rejects
prewarm       CL506: warming calls that do not warm
lookback      CL507: steps longer than a breakpoint looks back
effect        CL601, CL602: a prefix too short to be cached, or long enough and not cached
unread        CL603: scripts that write an entry and end
cold_start    CL604: requests that start together
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cachelint.analysis.checks import (
    breakpoints,
    cold_start,
    effect,
    history,
    lifetimes,
    lookback,
    markers,
    parameters,
    placement,
    prewarm,
    sharing,
    unread,
    unshared,
    varying,
)
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request

Check = Callable[[Request], Iterator[Problem]]
Comparison = Callable[[Sequence[Request]], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    varying.varying_prefix,
    sharing.per_request_tools,
    sharing.conditional_prefix,
    history.history_rewritten,
    breakpoints.too_many,
    placement.on_growing_text,
    lifetimes.ttl_order,
    markers.invalid_marker,
    placement.leaves_out,
    effect.uncached,
    lifetimes.ttl_fits,
)
"""What one request shows by itself."""

COMPARISONS: tuple[Comparison, ...] = (
    parameters.changes,
    markers.marked_emptiness,
    prewarm.warming,
    effect.below_minimum,
    lookback.out_of_lookback,
    unshared.unshared,
    unread.single_run,
    cold_start.cold_start,
)
"""What shows when the requests of a project are looked at together."""


def check(requests: Iterable[Request]) -> Iterator[Problem]:
    """Every problem of every request.

    Counting tokens reads and writes no cache (facts A.7): there only what the API would reject is a problem.
    """
    found = list(requests)
    sending = [request for request in found if request.call.sink.method != "count_tokens"]
    for request in found:
        for rule in CHECKS if request.call.sink.method != "count_tokens" else (markers.invalid_marker,):
            yield from rule(request)
    for comparison in COMPARISONS:
        yield from comparison(sending)
