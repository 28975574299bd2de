"""JSON documents over many lines, made into one record per line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cachelint.report.inputs.cassettes import INTERACTIONS, cassette_records

if TYPE_CHECKING:
    from collections.abc import Iterator

WRAPPERS = ("data", "spans", "observations", "logs", "records", "items", "responses", "results")
"""Keys under which exports put their list of records."""

_LOGGED_EVENTS, _LOGGED_TEXT = "events", "message"
"""Where CloudWatch has its events, and in each of them the record as text."""

_SNAKE_CASE = "resource_spans"
_UNDERSCORE = re.compile("_([a-z])")

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


def holds_records(document: object) -> bool:
    """Whether a document is not a record itself but holds some, or is one in another spelling."""
    if not isinstance(document, dict):
        return False
    return bool(_wrapped(document)) or _SNAKE_CASE in document or any(key in document for key in INTERACTIONS)


def _records(document: object) -> Iterator[object]:
    if isinstance(document, list):
        for element in document:
            yield from _records(element)
    elif not isinstance(document, dict):
        yield document
    elif any(isinstance(document.get(key), list) for key in INTERACTIONS):
        yield from cassette_records(document)
    elif _SNAKE_CASE in document:
        yield _in_camel_case(document)
    elif (inner := _wrapped(document)) is not None:
        session = {key: document[key] for key in ("sessionId", "session_id") if document.get(key)}
        for element in inner:
            yield from _records(session | _written_out(element))
    else:
        yield document


def _wrapped(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The records that a document holds under one of the usual keys."""
    for key in () if "starting_at" in document else WRAPPERS:
        inner = document.get(key)
        if isinstance(inner, list) and all(isinstance(element, dict) for element in inner):
            return inner
    events = document.get(_LOGGED_EVENTS)
    if isinstance(events, list) and events and all(_is_logged_text(event) for event in events):
        return events
    return None


def _is_logged_text(event: object) -> bool:
    text = event.get(_LOGGED_TEXT) if isinstance(event, dict) else None
    return isinstance(text, str) and text.startswith("{")


def _written_out(element: dict[str, Any]) -> dict[str, Any]:
    """The record that an event of CloudWatch has as text; of anything else, the element itself."""
    if not _is_logged_text(element):
        return element
    try:
        return dict(json.loads(element[_LOGGED_TEXT]))
    except (ValueError, RecursionError):
        return element


def _in_camel_case(value: object) -> object:
    """An OTLP request with keys as Python's protobuf can write them, in the spelling of the standard."""
    if isinstance(value, dict):
        return {
            _UNDERSCORE.sub(lambda found: found[1].upper(), key): _in_camel_case(inner) for key, inner in value.items()
        }
    return [_in_camel_case(element) for element in value] if isinstance(value, list) else value
