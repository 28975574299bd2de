"""JSON documents over many lines, made into one record per line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WRAPPERS = ("data", "spans", "observations", "logs", "records", "items", "responses", "results")
"""Keys under which exports put their list of records."""

_BETWEEN = frozenset(" \t\r\n,]\ufeff")
"""What may stand between two documents, and what is left of an array whose end was cut off."""


def document_lines(text: str) -> Iterator[str]:
    """One line of JSON for each record of `text`: the elements of arrays and wrappers, and every other document itself.

    What cannot be parsed is handed on up to the end of its line, so that it is counted where unreadable lines are
    counted.
    """
    decoder = json.JSONDecoder()
    position, end = 0, len(text)
    while position < end:
        if text[position] in _BETWEEN:
            position += 1
            continue
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            if text[position] == "[" and text[position + 1 : position + 2] not in ("", "["):
                position += 1  # an array that was cut off: what is whole in it can be read
                continue
            line_end = text.find("\n", position)
            line_end = end if line_end < 0 else line_end
            yield text[position:line_end].replace("\r", " ")
            position = line_end
            continue
        for record in _records(document):
            yield json.dumps(record, separators=(",", ":"))


def _records(document: object) -> Iterator[object]:
    if isinstance(document, list):
        for element in document:
            yield from _records(element)
        return
    if isinstance(document, dict):
        for key in () if "starting_at" in document else WRAPPERS:
            inner = document.get(key)
            if isinstance(inner, list) and all(isinstance(element, dict) for element in inner):
                yield from inner
                return
    yield document
