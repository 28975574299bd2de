"""CL401: messages that were sent already are cut, edited, or get something inserted before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.impact import impact_of_change
from cachelint.analysis.request import Block, Request
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Mapping, Sequence, Symbol, constant_text, options_of

_EDITS = {
    "window": (
        "A window slides over the history here: "
        "once it is full, each turn sends other first messages than the turn before."
    ),
    "dropped": (
        "The oldest messages are dropped here, a few at a time: at the limit, each turn sends other first messages."
    ),
    "inserted": "A message is inserted before those that were sent already, on every turn.",
}
_TEXT_OF_ANSWER = re.compile(r"anthropic\.types\.Message\(\)\.content\[(?:-?\d+)?\]\.text(?:\.strip\(\))?$")


def history_rewritten(request: Request) -> Iterator[Problem]:
    """CL401: what breaks the part of the cache that holds the messages."""
    last = request.last_breakpoint
    if last is None or request.blocks[last].tier != "messages":
        return
    for site, message in _rewritings(request, last):
        yield Problem(
            "CL401", request, site, message, tiers=("messages",), impact=impact_of_change(request, "messages")
        )


def _rewritings(request: Request, last: int) -> Iterator[tuple[Site, str]]:
    for messages in options_of(request.parameters["messages"]) if "messages" in request.parameters else ():
        for edit in messages.edits if isinstance(messages, Sequence) else ():
            yield edit.site, _EDITS[edit.kind]
    thinks = _thinks(request)
    for index, block in enumerate(request.blocks):
        if block.tier != "messages":
            continue
        if block.edited is not None and index <= last:
            yield block.edited, _edited(block)
        elif thinks and block.site is not None and _is_text_of_answer(block):
            yield (
                block.site,
                "The answer is stored without its thinking: the next turn sends another history than the model had.",
            )


def _edited(block: Block) -> str:
    if not (block.outer is not None and block.outer.detached):
        return "A message that was sent before is changed here: the cache is lost from that message on."
    return "Text is added to a copy of the newest message: the next turn sends that message without it."


def _thinks(request: Request) -> bool:
    for option in options_of(request.parameters["thinking"]) if "thinking" in request.parameters else ():
        kind = option.entries.get("type") if isinstance(option, Mapping) else None
        if kind is not None and constant_text(kind.value) in ("enabled", "adaptive"):
            return True
    return False


def _is_text_of_answer(block: Block) -> bool:
    value = block.value
    return block.role == "assistant" and isinstance(value, Symbol) and bool(_TEXT_OF_ANSWER.search(value.path))
