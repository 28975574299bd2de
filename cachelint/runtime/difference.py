"""How two versions of one block differ: where, in what way, and what the differing places look like."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from cachelint.runtime.encoding import as_text, decode
from cachelint.runtime.shapes import looks_like

_EXCERPT_BEFORE = 40
_EXCERPT_AFTER = 60
_LONGEST_SORTED = 100_000
_ITEMS = re.compile(r"[,;|\s]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference between two versions of a block, of its text or of the JSON that stands for it."""

    change: str
    """See `DivergenceField.change`."""
    offset: int
    """Bytes of UTF-8 in common before it."""
    before: str
    """What stands there looks like, in the earlier version."""
    after: str
    excerpts: tuple[str, str]
    """The text around it, earlier and later. Stays in memory unless the user asked for it."""
    shared: float
    """How much of the two is the same at the start and at the end, from 0 to 1."""


def difference(earlier: bytes, later: bytes) -> Difference:
    """The first difference between two encoded blocks that are not equal."""
    first, second = decode(earlier), decode(later)
    before, after = as_text(first), as_text(second)
    at = common_prefix(before, after)
    return Difference(
        change=_change(first, second, before, after),
        offset=len(before[:at].encode("utf-8", "surrogatepass")),
        before=looks_like(before, at),
        after=looks_like(after, at),
        excerpts=(_excerpt(before, at), _excerpt(after, at)),
        shared=_shared(before, after, at),
    )


def common_prefix(first: str | list[Any], second: str | list[Any]) -> int:
    """How much two texts or lists have in common at the start; comparing slices is faster than letters."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _change(first: Any, second: Any, before: str, after: str) -> str:
    if isinstance(first, str) != isinstance(second, str):
        return "block"
    if not isinstance(first, str):
        return _change_of_value(first, second)
    if _without_whitespace(before) == _without_whitespace(after):
        return "whitespace"
    if max(len(before), len(after)) <= _LONGEST_SORTED:
        if sorted(before.splitlines()) == sorted(after.splitlines()):
            return "reordered-lines"
        if sorted(_ITEMS.split(before)) == sorted(_ITEMS.split(after)):
            return "reordered-items"
    return "text"


def _change_of_value(first: Any, second: Any) -> str:
    if _sorted_keys(first) == _sorted_keys(second):
        return "reordered-keys"
    if _sorted_items(first) == _sorted_items(second):
        return "reordered-items"
    return "value"


def _without_whitespace(text: str) -> str:
    return "".join(text.split())


def _sorted_keys(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _sorted_items(value: Any) -> str:
    """A text that is the same for values that differ only in the order of keys and list items."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{key}:{_sorted_items(item)}" for key, item in value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(sorted(map(_sorted_items, value))) + "]"
    return repr(value)


def _excerpt(text: str, at: int) -> str:
    return text[max(0, at - _EXCERPT_BEFORE) : at + _EXCERPT_AFTER]


def _shared(before: str, after: str, at: int) -> float:
    longest = max(len(before), len(after))
    rest_before, rest_after = before[at:], after[at:]
    behind = common_prefix(rest_before[::-1], rest_after[::-1])
    return (at + behind) / longest if longest else 1.0
