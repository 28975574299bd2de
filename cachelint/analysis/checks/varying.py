"""CL1, CL2 and CL3: a value or an order that varies, in front of a breakpoint."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.accumulation import accumulates
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.impact import impact_of
from cachelint.analysis.library.serialization import DISORDERED, PARAMETER
from cachelint.analysis.request import Block, Request
from cachelint.analysis.values import LOOP, constant_text
from cachelint.analysis.variation import Period, Variation
from cachelint.findings import Confidence, Severity
from cachelint.prompt.layout import TIERS
from cachelint.rulebook import rulebook

_NATURALLY_PER_PROCESS = frozenset(("CL104", "CL106", "CL201", "CL203", "CL204", "CL205", "CL206", "CL207"))
_ERRORS_IN_TOOLS = frozenset(("CL201", "CL205"))


def varying_prefix(request: Request) -> Iterator[Problem]:
    """Each variation in a block that a breakpoint covers, or that one would cover if the request cached anything."""
    last = request.last_breakpoint
    fixed = _end_of_fixed_part(request)
    for index, block in enumerate(request.blocks):
        if last is not None and index > last:
            return
        if last is None and block.tier == "messages":
            return
        for variation in block.variations:
            if _matters(request, block, variation, fixed=index <= fixed) and not _is_task(request, index, variation):
                yield _problem(request, block, variation, cached=last is not None)


def _end_of_fixed_part(request: Request) -> int:
    """The index of the breakpoint inside the only message of a request, with more of it behind; -1 for none.

    What stands before it is meant to be the same in every request: that is what the breakpoint is for.
    """
    messages = request.tier("messages")
    if not messages or not all(block.final and not block.stored and not block.repeated for block in messages):
        return -1
    marked = [index for index, block in enumerate(request.blocks) if block in messages and block.marker is not None]
    return marked[-1] if marked and marked[-1] < len(request.blocks) - 1 and request.automatic is None else -1


def _matters(request: Request, block: Block, variation: Variation, *, fixed: bool) -> bool:
    if variation.code in ("CL301", "CL302", "CL304") and block.tier == "messages":
        return False
    if variation.code == "CL203" and block.tier != "tools":
        return False
    if variation.origin not in ("", LOOP) and not accumulates(variation.origin, request.places):
        return False
    if block.tier != "messages":
        return True
    if block.stored or variation.period > Period.SESSION:
        return False
    if variation.code == "CL105" and (block.repeated or _is_tool_result(block) or not _opens(request, block)):
        return False  # each message of a history, and each result in it, holds what was read when it came
    if block.rewritten:
        return True
    if block.final:
        return fixed and variation.period <= Period.REQUEST
    return variation.period <= Period.TURN


def _opens(request: Request, block: Block) -> bool:
    """Whether a block is in the first message, where what a conversation is about is put; the others follow from it."""
    first = request.tier("messages")[0]
    return block is first or (block.outer is not None and block.outer is first.outer)


def _is_tool_result(block: Block) -> bool:
    kind = block.source.entries.get("type") if block.source is not None else None
    return kind is not None and constant_text(kind.value) == "tool_result"


def _is_task(request: Request, index: int, variation: Variation) -> bool:
    """Whether a message is what a new conversation, or the next turn of one, is about.

    The loop that sends the request, or that lets the conversation grow, did not evaluate it, and no message that was
    sent before stands behind it: every later request has it as it is.
    """
    block = request.blocks[index]
    if block.tier != "messages" or block.rewritten or block.final:
        return False
    behind = request.blocks[index + 1 :]
    grows = any(variation.loops[: len(later.appended)] != later.appended for later in behind)
    if not grows and session_bound(request, variation).period <= Period.TURN:
        return False
    return not any(later.stored and not later.appended for later in behind)


def severity_of(variation: Variation, block: Block, *, cached: bool) -> Severity:
    """What a variation costs: the rule's severity, no more than its period allows, less where nothing is cached."""
    rule = rulebook().find(variation.code)
    severity = rule.severity if rule is not None else Severity.WARNING
    if variation.code in _ERRORS_IN_TOOLS and block.tier == "tools":
        severity = Severity.ERROR
    elif variation.code == "CL202":
        severity = _of_serialization(variation)
    elif variation.code not in ("CL201", "CL203"):
        severity = min(severity, _ceiling(variation), key=lambda level: level.rank)
    return severity if cached else severity.lowered()


def _of_serialization(variation: Variation) -> Severity:
    if DISORDERED in variation.label:
        return Severity.ERROR
    return Severity.INFO if variation.label.endswith(f", of {PARAMETER}") else Severity.WARNING


def _ceiling(variation: Variation) -> Severity:
    if variation.period <= Period.TURN:
        return Severity.ERROR
    if variation.period is Period.SESSION:
        return Severity.WARNING
    if variation.period in (Period.PROCESS, Period.HOST):
        return Severity.WARNING if variation.code in _NATURALLY_PER_PROCESS else Severity.INFO
    return Severity.INFO


def session_bound(request: Request, variation: Variation) -> Variation:
    """A variation evaluated before the loop that sends the request changes with the loop, not with the request."""
    outside = request.call.loops
    if (
        variation.period <= Period.TURN
        and outside
        and len(variation.loops) < len(outside)
        and outside[: len(variation.loops)] == variation.loops
    ):
        return variation.at_most_every(Period.SESSION)
    return variation


def _problem(request: Request, block: Block, variation: Variation, *, cached: bool) -> Problem:
    variation = session_bound(request, variation)
    tiers = TIERS[TIERS.index(block.tier) :]
    what = "the order of" if variation.order and not variation.label.startswith("the order") else ""
    subject = f"{what} `{variation.label}`".strip().capitalize() if what else f"`{variation.label}`"
    if cached:
        covered = _covered(request, block)
        message = f"{subject} is rendered into {block.position}, before the breakpoint that caches {covered}."
    else:
        message = (
            f"{subject} is rendered into {block.position}; "
            "nothing is cached here yet, and nothing in front of which it stands can be."
        )
    doubt = (
        Confidence.MEDIUM if request.call.doubted and variation.confidence is Confidence.HIGH else variation.confidence
    )
    return Problem(
        variation.code,
        request,
        variation.site,
        message,
        severity_of(variation, block, cached=cached),
        _least(doubt, variation.code),
        variation,
        block.position,
        tiers,
        impact_of(request, block, variation) if cached else None,
    )


def _least(confidence: Confidence, code: str) -> Confidence:
    rule = rulebook().find(code)
    levels = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
    return min((confidence, rule.confidence if rule is not None else confidence), key=levels.index)


def _covered(request: Request, block: Block) -> str:
    """The tiers that the breakpoints behind a block cache: ``tools + system``."""
    last = request.last_breakpoint
    assert last is not None
    covered = {request.blocks[index].tier for index in range(last + 1)}
    return " + ".join(tier for tier in TIERS if tier in covered)
