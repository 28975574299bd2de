"""How the records of a file are set apart: one per line, as JSON documents, as server-sent events, as Parquet."""

from __future__ import annotations

import json
import re
from enum import Enum

from cachelint.report.inputs.cassettes import looks_like_cassette
from cachelint.report.inputs.documents import WRAPPERS, holds_records

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BARE_EVENT = re.compile(rb'\{\s*"type"\s*:\s*"message_start"')
"""How a stream begins whose events were written one per line, without their field names."""

_EVENTS_FOLLOW = re.compile(rb'^(?:event:\s*message_start|data:\s*\{\s*"type"\s*:\s*"message_start")', re.MULTILINE)
"""How a stream begins after something else, such as the headers of the response."""

_SEAM = re.compile(rb'\}\s*\{\s*"')
"""Where one object ends and the next begins, on the same line."""

_WRAPPED = re.compile(rb'"(?:%s)"\s*:\s*\[' % "|".join(WRAPPERS).encode())
_WRAPPER_WITHIN = 4096
"""How many bytes into a file the list of its records begins at the latest."""

_EVENT_FIELDS = (b"event:", b"data:", b"id:", b"retry:", b":")


class Framing(Enum):
    """What separates one record from the next."""

    LINES = "one JSON object on each line"
    DOCUMENTS = "JSON documents: arrays, wrappers, or objects over many lines"
    EVENTS = "server-sent events"
    CASSETTE = "a cassette of recorded HTTP, in YAML"
    PARQUET = "Parquet, as `cachelint compact` writes it"


def detect_framing(head: bytes) -> Framing:
    """The framing of a file that starts with `head` (decompressed)."""
    if head.startswith(b"PAR1"):
        return Framing.PARQUET
    if head.startswith(_UTF_16):
        return Framing.DOCUMENTS
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(_EVENT_FIELDS) or _BARE_EVENT.match(text):
        return Framing.EVENTS
    if text.startswith(b"["):
        return Framing.DOCUMENTS
    if text.startswith(b"{"):
        first, _, rest = text.partition(b"\n")
        record = _parsed(first)
        if holds_records(record):
            return Framing.DOCUMENTS
        if rest.strip() and record is None:
            return Framing.DOCUMENTS if _opens_document(first) or _SEAM.search(first) else Framing.LINES
        if not rest.strip() and (_wraps_records(first) or _SEAM.search(first)):
            return Framing.DOCUMENTS
        return Framing.DOCUMENTS if head.startswith(BYTE_ORDER_MARK) else Framing.LINES
    if looks_like_cassette(text):
        return Framing.CASSETTE
    if _EVENTS_FOLLOW.search(text):
        return Framing.EVENTS
    return Framing.DOCUMENTS if head.startswith(BYTE_ORDER_MARK) else Framing.LINES


def _parsed(text: bytes) -> object:
    """What a line holds; None when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _opens_document(first_line: bytes) -> bool:
    """Whether a broken first line is the start of an object over many lines, rather than a damaged record."""
    return first_line.strip() == b"{" or first_line.rstrip().endswith((b"{", b"[", b","))


def _wraps_records(line: bytes) -> bool:
    """Whether a file of one line is a list of records inside an object: `{"data": [...]}`."""
    return _WRAPPED.search(line, 0, _WRAPPER_WITHIN) is not None


def decoded(content: bytes) -> str:
    """The text of a file, in UTF-8 unless it says that it is in UTF-16, as shells on Windows write."""
    return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig", "replace")
