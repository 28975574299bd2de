"""Says in words where a prefix changed: the block, the byte, and what stands there in both requests."""

from __future__ import annotations

from cachelint.runtime.difference import Difference
from cachelint.testing.api import Call
from cachelint.testing.blame import blamed_lines, suspects
from cachelint.testing.comparison import Change

_ORDERINGS = {
    "reordered-keys": "the same keys in another order",
    "reordered-items": "the same items in another order",
    "reordered-lines": "the same lines in another order",
    "whitespace": "the same but for white space",
}


def explain(change: Change, first: str, second: str, earlier: Call, later: Call) -> str:
    """The message of a failed assertion. `first` and `second` name the two requests: ``request 1``."""
    lines = [f"the cached prefix is not stable: {second} cannot read what {first} wrote", "", *_where(change)]
    if change.difference is not None:
        lines += _looks(change.difference, first, second)
    lines.append("")
    # Of the earlier: the later may have been sent in another folder, from where paths look different.
    lines += [f"  {blamed}" for blamed in blamed_lines(earlier.origin, suspects(change.difference))]
    if earlier.origin:
        lines.append(f"  sent by {earlier.origin}")
    if change.breakpoint is None:
        lines.append("  nothing is cached yet: there is no breakpoint in this request")
    elif later.usage is not None and earlier.usage is not None:
        cached = earlier.usage.read + earlier.usage.write
        lines.append(
            f"  of {cached:,} cached tokens {later.usage.read:,} were read, {later.usage.write:,} written anew"
        )
    return "\n".join(lines)


def _where(change: Change) -> list[str]:
    before = f", before the breakpoint {change.breakpoint}" if change.breakpoint else ""
    at = "" if change.difference is None else f" at byte {change.difference.offset:,}"
    kind = _ORDERINGS.get(change.difference.change) if change.difference else None
    return [f"  {change.sentence}{at}{before}{f' ({kind})' if kind else ''}"]


def _looks(difference: Difference, first: str, second: str) -> list[str]:
    """Both texts around the difference, one above the other, with what they look like."""
    width = max(len(first), len(second))
    looks = (difference.before, difference.after)
    return [
        f"    {name:{width}}  {_one_line(text)}   ({look})"
        for name, text, look in zip((first, second), difference.excerpts, looks, strict=True)
    ]


def _one_line(text: str) -> str:
    return f"…{text}…".replace("\n", "⏎")
