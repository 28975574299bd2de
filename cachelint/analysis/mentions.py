"""Bytes without which a file has nothing to find: a project without any is done before a parser is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cachelint.analysis.reading import read_file
from cachelint.clients import CLAUDE, clients_in_use, declared_client
from cachelint.config import Settings

SINKS = (b"messages",)
"""A file that sends a prompt with the anthropic SDK has this."""
COUNTER = b"put_tokens"
"""A file that reads the counters of `usage` has this: they end in ``input_tokens`` or ``output_tokens``."""
SUPPRESSION = b"cachelint:"
"""A file with a suppression comment has this."""


def has_something_to_find(files: Mapping[str, Path | bytes], settings: Settings) -> bool:
    """Whether any of the files, on disk or as bytes, may hold a request, a counter or a comment of ours.

    A file that cannot be read counts, because that is something to report.
    """
    wanted = (*SINKS, *(name.encode() for name in declared_client(settings).mentions), COUNTER, SUPPRESSION)
    speaking = False
    for content in files.values():
        text = _bytes(content)
        if text is None or any(needle in text for needle in wanted):
            return True
        speaking = speaking or any(word in text for word in CLAUDE)
    return speaking and bool(clients_in_use(_bytes(content) or b"" for content in files.values()))


def _bytes(content: Path | bytes) -> bytes | None:
    """The content of a file; None when it cannot be read."""
    if isinstance(content, bytes):
        return content
    try:
        return read_file(content)
    except OSError:
        return None
