"""CL507: steps of a conversation that append more blocks than a breakpoint looks back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Marker, Request
from cachelint.analysis.surroundings import loop_around, mentions
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Constant, Mapping, options_of
from cachelint.findings import Confidence
from cachelint.prompt.layout import LOOKBACK


def out_of_lookback(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL507: a loop sends the results of all tool calls of an answer, behind one breakpoint at the end."""
    in_messages: dict[Site, set[Site | None]] = {}
    for request in requests:
        sites = in_messages.setdefault(request.call.site, set())
        sites.update(block.marker.site for block in request.tier("messages") if block.marker is not None)
    for request in requests:
        marker = _tail(request)
        if marker is None or len(in_messages[request.call.site]) > 1 or not _calls_tools_at_once(request):
            continue
        message = (
            f"One breakpoint at the end looks back {LOOKBACK} blocks; an answer with more than "
            f"{LOOKBACK // 2} tool calls puts the last entry out of its sight."
        )
        yield Problem("CL507", request, marker.site or request.call.site, message, confidence=Confidence.LOW)


def _tail(request: Request) -> Marker | None:
    marked = [block.marker for block in request.tier("messages") if block.marker is not None]
    return marked[0] if len(marked) == 1 else request.automatic if not marked else None


def _calls_tools_at_once(request: Request) -> bool:
    """Whether a loop sends the request again with the results of its tool calls, and does not forbid several."""
    loop = loop_around(request.call.site)
    if loop is None or not request.tier("tools") or _one_at_a_time(request):
        return False
    return mentions(loop.body, frozenset(("tool_result", "tool_use_id", "tool_use", "stop_reason")))


def _one_at_a_time(request: Request) -> bool:
    value = request.parameters.get("tool_choice")
    for option in options_of(value) if value is not None else ():
        entry = option.entries.get("disable_parallel_tool_use") if isinstance(option, Mapping) else None
        if entry is not None and entry.value == Constant(True):
            return True
    return False
