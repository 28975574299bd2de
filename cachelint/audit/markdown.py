"""The audit in Markdown, for the summary of a CI job or a comment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cachelint.audit.wording import (
    balance,
    elsewhere,
    loss_sentence,
    money,
    named,
    place,
    subject,
    why_unexplained,
    without_loss,
)
from cachelint.rendering.wording import label

if TYPE_CHECKING:
    from cachelint.audit.page import Audit, Cause
    from cachelint.rendering.terminal import Terminal


def render(audit: Audit, terminal: Terminal) -> str:
    """A heading, what it cost, and a table for each of: what the source explains, what it does not, the rest."""
    return "\n".join(_lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    yield from ("## Prompt cache audit", "")
    yield f"**{_escaped(balance(audit))}**"
    yield from ("", *(_escaped(sentence) for sentence in subject(audit)), "")
    if audit.causes:
        yield from ("| lost | what broke it | where | seen in the log | what to do |", "|--:|---|---|---|---|")
        yield from (_cause(cause, audit) for cause in audit.causes)
        yield ""
    if audit.unexplained:
        yield from ("### Lost, and explained by no finding", "")
        yield from ("| lost | cause | where | requests | | what to do |", "|--:|---|---|--:|---|---|")
        for row in audit.unexplained:
            where = f"`{row.call_site}`" if row.call_site else "(unknown)"
            cells = (
                money(row.cost, audit),
                named(row.code),
                where,
                f"{row.requests:,}",
                why_unexplained(row),
                row.help,
            )
            yield _row(cells)
        yield ""
    if audit.without_loss:
        yield from ("### Found, and without a loss in the log", "", "| | rule | where | |", "|---|---|---|---|")
        for each in audit.without_loss:
            yield _row((str(each.severity), label(each), f"`{place(each, audit)}`", without_loss(each, audit)))
        yield ""
    yield from (f"- {_escaped(note)}" for note in (elsewhere(audit), *audit.report.notes) if note)


def _cause(cause: Cause, audit: Audit) -> str:
    return _row(
        (
            money(cause.cost, audit),
            "<br>".join(f"{label(each)}: {each.message}" for each in cause.findings),
            "<br>".join(f"`{place(each, audit)}`" for each in cause.findings),
            loss_sentence(cause),
            "<br>".join(each.advice or "" for each in cause.findings),
        )
    )


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _escaped(text: str) -> str:
    return text.replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
