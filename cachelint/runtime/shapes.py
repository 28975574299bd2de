"""What a piece of text looks like: a timestamp, a UUID, a number … A name for it, never the text itself."""

from __future__ import annotations

import re

_BEFORE = 96
_AFTER = 128

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?"
_DATE = "|".join(
    (
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
        r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}",
        rf"{_MONTH} \d{{1,2}},? \d{{4}}",
        rf"\d{{1,2}} {_MONTH} \d{{4}}",
    )
)

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("uuid", re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")),
    ("timestamp", re.compile(rf"\b(?:{_DATE})(?:[T ,]| at )+{_CLOCK}(?: ?(?:Z|[+-]\d{{2}}:?\d{{2}}|[A-Z]{{3,4}}))?")),
    ("timestamp", re.compile(rf"\b{_MONTH} +\d{{1,2}} {_CLOCK}(?: [A-Z]{{3,4}})? \d{{4}}")),
    ("url", re.compile(r"\bhttps?://[^\s\"'<>]+")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")),
    ("date", re.compile(rf"\b(?:{_DATE})\b")),
    ("time", re.compile(rf"\b{_CLOCK}")),
    ("address", re.compile(r"\b0x[0-9a-fA-F]{6,}\b")),
    ("path", re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][\w.@+-]+){2,}[/\\]?")),
    ("epoch", re.compile(r"(?<![\w.])1[4-9]\d{8}(?:\d{3}|\d{6}|\d{9}|\.\d+)?(?![\w])")),
    ("version", re.compile(r"\bv?\d+\.\d+\.\d+(?:[-+.][\w.]+)?\b")),
    ("hex", re.compile(r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{6,}\b")),
    ("number", re.compile(r"(?<!\w)[-+]?\d[\d,_]*(?:\.\d+)?%?")),
    ("identifier", re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{6,}\b")),
    ("whitespace", re.compile(r"\s+")),
    ("word", re.compile(r"[^\W\d]+")),
)
"""From the most to the least particular: the first that covers the place names it."""


def looks_like(text: str, offset: int) -> str:
    """What the text at `offset` looks like.

    One of ``uuid``, ``timestamp``, ``date``, ``time``, ``epoch``, ``address``, ``hex``, ``path``, ``url``, ``email``,
    ``version``, ``number``, ``identifier``, ``whitespace``, ``word``, ``punctuation``, and ``nothing`` at the end.

    >>> looks_like("Now: 2026-11-23T16:00:00Z.", 20)
    'timestamp'
    """
    start = max(0, offset - _BEFORE)
    window = text[start : offset + _AFTER]
    place = offset - start
    for name, pattern in _SHAPES:
        if any(found.start() <= place < found.end() for found in pattern.finditer(window)):
            return name
    if place >= len(window):
        return "nothing"
    return "punctuation"
