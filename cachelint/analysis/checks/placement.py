"""CL502 and CL505: breakpoints on text that grows, and breakpoints that leave static content out."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.constancy import grows, own_element, static, substantial
from cachelint.analysis.request import Block, Marker, Request
from cachelint.analysis.values import Symbol
from cachelint.findings import Confidence, Severity


def on_growing_text(request: Request) -> Iterator[Problem]:
    """CL502: a breakpoint behind a text that grows inside one block: a longer block is another block."""
    kept = False
    for index, block in enumerate(request.blocks):
        behind = [point for point in request.breakpoints if point >= index]
        kept = kept or (block.tier == "messages" and block.stored)
        if not behind or kept or not grows(request, block, within_loop=not _in_conversation(request, block)):
            continue
        marker = request.marker_at(behind[0])
        if not marker.maybe:
            yield _on_growing(request, block, marker, saved=len(behind) < len(request.breakpoints))
        return


def _in_conversation(request: Request, block: Block) -> bool:
    """Whether a block of the system prompt stands before messages that are sent again: CL403 tells of its changes."""
    return block.tier == "system" and any(message.stored for message in request.tier("messages"))


def _on_growing(request: Request, block: Block, marker: Marker, *, saved: bool) -> Problem:
    """The problem of a breakpoint behind a text that grows; `saved` when there are breakpoints before it."""
    message = f"{block.position} is one text that grows: the next request has another block there and "
    message += "reads nothing from there on." if saved else "reads none."
    severity = Severity.WARNING if saved else None
    return Problem(
        "CL502", request, marker.site or request.call.site, message, severity, Confidence.MEDIUM, None, block.position
    )


def leaves_out(request: Request) -> Iterator[Problem]:
    """CL505: static blocks behind the last breakpoint, and conversations with a breakpoint at their tail only."""
    last = request.last_breakpoint
    if last is None or request.automatic is not None or request.call.open:
        yield from _without_anchor(request)
        return
    block = request.blocks[last]
    marker = request.marker_at(last)
    moot = any(own_element(request, before) or before.variations for before in request.blocks[: last + 1])
    if moot or marker.maybe or block.maybe or block.alternative or _may_be_marked(request):
        return
    if block.tier == "system":
        yield from _static_behind(request, last, marker)
    elif block.tier == "tools" and "tools" not in request.unknown:
        yield from _tools_behind(request, last, marker)


def _may_be_marked(request: Request) -> bool:
    """Whether there are messages of which nothing is known, so that one of them may carry a marker."""
    return any(
        isinstance(block.value, Symbol) and block.outer is None and block.source is None
        for block in request.tier("messages")
    )


def _static_behind(request: Request, last: int, marker: Marker) -> Iterator[Problem]:
    behind = [block for block in request.blocks[last + 1 :] if block.tier == "system"]
    end = next((number for number, block in enumerate(behind) if not static(block) or block.alternative), len(behind))
    left_out = [block for block in behind[:end] if substantial(block)]
    if left_out:
        message = (
            f"{_named(left_out)} never changes either and stands behind the last breakpoint: paid in full each time."
        )
        yield _outside(request, marker, message)


def _tools_behind(request: Request, last: int, marker: Marker) -> Iterator[Problem]:
    behind = [block for block in request.blocks[last + 1 :] if block.tier == "tools"]
    if behind and not any(block.maybe or block.repeated or block.alternative or block.variations for block in behind):
        message = f"{_named(behind)} stands behind the last breakpoint: paid in full each time."
        yield _outside(request, marker, message)


def _named(blocks: list[Block]) -> str:
    return blocks[0].position if len(blocks) == 1 else f"{blocks[0].position} to {blocks[-1].position}"


def _without_anchor(request: Request) -> Iterator[Problem]:
    """A conversation whose static prefix has no breakpoint of its own to fall back on."""
    automatic = request.automatic
    if automatic is None or automatic.maybe or any(block.marker is not None for block in request.blocks):
        return
    if not any(block.stored for block in request.tier("messages")):
        return
    prefix = [block for block in request.blocks if block.tier == "system"]
    if prefix and all(static(block) for block in prefix) and any(substantial(block) for block in prefix):
        message = (
            "The only breakpoint moves along with the conversation; when it is missed, the system prompt has none."
        )
        yield _outside(request, automatic, message, Severity.INFO)


def _outside(request: Request, marker: Marker, message: str, severity: Severity | None = None) -> Problem:
    return Problem("CL505", request, marker.site or request.call.site, message, severity, confidence=Confidence.MEDIUM)
