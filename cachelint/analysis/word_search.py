"""Searching sources for a word where it means something: in calls, definitions, lists of bases, decorators."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple


class Search(NamedTuple):
    """What a project's files are searched for."""

    kind: str
    """One of `KINDS`."""
    name: str

    def matcher(self) -> Callable[[bytes], bool]:
        """Says of a file's bytes whether they have the word in such a place."""
        needle = self.name.encode()
        return lambda content: needle in content and _matches(content, needle, self)


@lru_cache(maxsize=1_024)
def _pattern(search: Search) -> re.Pattern[bytes]:
    """Compiled only where the word occurs: that takes longer than looking through a file."""
    template, _ = KINDS[search.kind]
    return re.compile(rf"(?<!\w){template.format(word=re.escape(search.name))}".encode())


def _matches(content: bytes, needle: bytes, search: Search) -> bool:
    pattern, (_, suits) = _pattern(search), KINDS[search.kind]
    at = content.find(needle)
    while at >= 0:
        found = pattern.match(content, at)
        if found is not None and (suits is None or suits(content, at)):
            return True
        at = content.find(needle, at + len(needle))
    return False


def _defined(content: bytes, at: int) -> bool:
    return content[max(0, at - 8) : at].split()[-1:] == [b"def"]


def _not_defined(content: bytes, at: int) -> bool:
    return content[max(0, at - 8) : at].split()[-1:] not in ([b"def"], [b"class"])


def _decorating(content: bytes, at: int) -> bool:
    return content[content.rfind(b"\n", 0, at) + 1 : at].lstrip().startswith(b"@")


def _among_bases(content: bytes, at: int) -> bool:
    """Whether the last `class` before a place is still at its list of bases."""
    start = content.rfind(b"class ", max(0, at - 400), at)
    return start >= 0 and content.find(b"(", start, at) >= 0 and content.find(b")", start, at) < 0


KINDS: dict[str, tuple[str, Callable[[bytes, int], bool] | None]] = {
    "calling": (r"{word}\s*[(,)\]}}:]|{word}\s*(?:\n|\r|#|$)|(?<![\w.]){word}\s+as\s", _not_defined),
    "mentioning": (r"{word}", None),
    "defining": (r"{word}\s*\(", _defined),
    "deriving": (r"{word}", _among_bases),
    "decorating": (r"{word}(?!\w)", _decorating),
    "assigning": (r"(?<=\.){word}\s*(?:=(?!=)|:)", None),
}
"""Per kind of search what follows the word, and what else the place must be."""
