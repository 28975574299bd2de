"""Cassettes of recorded HTTP, as VCR for Python and Ruby write them in YAML or JSON: the responses in them."""

from __future__ import annotations

import gzip
import json
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cachelint.report.inputs.events import stream_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERACTIONS = ("interactions", "http_interactions")
"""Under which key the recorded requests and responses stand: in Python, and in Ruby."""

_HEADS = tuple(f"{key}:".encode() for key in INTERACTIONS)
_PREAMBLES = (b"---", b"#", b"version:", b"recorded_with:")
_MODEL = re.compile(r"/model/([^/?]+)/")

_GZIP_MAGIC = b"\x1f\x8b"


def looks_like_cassette(head: bytes) -> bool:
    """Whether a file that starts with `head` is a cassette in YAML."""
    for line in head.splitlines():
        if line.strip() and not line.startswith(_PREAMBLES):
            return line.startswith(_HEADS)
    return False


def cassette_lines(text: str) -> Iterator[str]:
    """One line of JSON for each response of a cassette in YAML; a text that is no YAML is handed on as it is."""
    import yaml  # type: ignore[import-untyped]

    try:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        yield from text.splitlines()
        return
    for record in cassette_records(document):
        yield json.dumps(record, separators=(",", ":"), default=str)


def cassette_records(document: object) -> Iterator[Any]:
    """The bodies of the responses in a cassette, with the time of each, as far as they are JSON or events."""
    for key in INTERACTIONS if isinstance(document, dict) else ():
        interactions = document.get(key)  # type: ignore[attr-defined]
        for interaction in interactions if isinstance(interactions, list) else ():
            response = interaction.get("response") if isinstance(interaction, dict) else None
            if isinstance(response, dict):
                model = _model_of(interaction.get("request"))
                yield from (_named(body, model) for body in _bodies(response))


def _model_of(request: object) -> str | None:
    """The model that the address of a request names, as those of Bedrock do, whose responses name none."""
    found = _MODEL.search(str(request.get("uri"))) if isinstance(request, dict) else None
    return unquote(found[1]) if found else None


def _named(body: Any, model: str | None) -> Any:
    return {"modelId": model, **body} if model and isinstance(body, dict) and not body.get("model") else body


def _bodies(response: dict[str, Any]) -> Iterator[Any]:
    body = response.get("parsed_body", response.get("body"))
    if isinstance(body, dict) and ("string" in body or "base64_string" in body):
        body = body.get("string")
    if isinstance(body, dict):
        yield body | _moment(response)
        return
    text = _text(body)
    lines = text.splitlines()
    for line in stream_messages(lines) if text.startswith(("event:", "data:")) else _documents(text):
        record = json.loads(line)
        yield record | _moment(response) if isinstance(record, dict) else record


def _documents(text: str) -> list[str]:
    """A JSON document, or several on lines of their own (results of a batch); nothing when it is neither."""
    for lines in ([text], text.splitlines()):
        try:
            for line in lines:
                json.loads(line)
        except (ValueError, RecursionError):
            continue
        return lines
    return []


def _text(body: object) -> str:
    if isinstance(body, bytes):
        if body.startswith(_GZIP_MAGIC):
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError):
                return ""
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else ""


def _moment(response: dict[str, Any]) -> dict[str, str]:
    """When the response was sent, by its headers."""
    headers = response.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if str(name).lower() == "date":
            try:
                return {
                    "timestamp": parsedate_to_datetime(str(value[0] if isinstance(value, list) else value)).isoformat()
                }
            except (ValueError, TypeError, IndexError):
                return {}
    return {}
