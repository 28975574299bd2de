"""CL507: steps of a conversation that append more blocks than a breakpoint looks back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import loop_around, mentions
from cachelint.analysis.values import Constant, Mapping, Symbol, options_of
from cachelint.findings import Confidence
from cachelint.prompt.layout import LOOKBACK


def out_of_lookback(request: Request) -> Iterator[Problem]:
    """CL507: a loop sends the results of all tool calls of an answer, behind one breakpoint at the end."""
    loop = loop_around(request.call.site)
    if not isinstance(loop, (cst.While, cst.For)) or not request.tier("tools") or _one_at_a_time(request):
        return
    marked = [block.marker for block in request.tier("messages") if block.marker is not None]
    marker = marked[0] if len(marked) == 1 else request.automatic if not marked else None
    if marker is None or not mentions(loop.body, frozenset(("tool_result", "tool_use_id", "tool_use", "stop_reason"))):
        return
    message = (
        f"One breakpoint at the end looks back {LOOKBACK} blocks; an answer with more than "
        f"{LOOKBACK // 2} tool calls puts the last entry out of its sight."
    )
    yield Problem("CL507", request, marker.site or request.call.site, message, confidence=Confidence.LOW)


def _one_at_a_time(request: Request) -> bool:
    value = request.parameters.get("tool_choice")
    for option in options_of(value) if value is not None else ():
        entry = option.entries.get("disable_parallel_tool_use") if isinstance(option, Mapping) else None
        if entry is not None and entry.value in (Constant(True), Symbol("True")):
            return True
    return False
