"""Bytes without which a file has nothing to find: a project without any is done before a parser is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cachelint.config import Settings

SINKS = (b"messages", b"litellm")
"""A file that sends a prompt has one of these, or the name of a call that the settings declare."""
COUNTER = b"put_tokens"
"""A file that reads the counters of `usage` has this: they end in ``input_tokens`` or ``output_tokens``."""
SUPPRESSION = b"cachelint:"
"""A file with a suppression comment has this."""


def sink_mentions(settings: Settings) -> tuple[bytes, ...]:
    """Bytes of which a file that sends a prompt contains at least one."""
    return (*SINKS, *(declaration.call.rpartition(".")[2].encode() for declaration in settings.sinks))


def has_something_to_find(files: Mapping[str, Path | bytes], settings: Settings) -> bool:
    """Whether any of the files, on disk or as bytes, may hold a request, a counter or a comment of ours.

    A file that cannot be read counts, because that is something to report.
    """
    wanted = (*sink_mentions(settings), COUNTER, SUPPRESSION)
    return any(_mentions(content, wanted) for content in files.values())


def _mentions(content: Path | bytes, wanted: tuple[bytes, ...]) -> bool:
    if isinstance(content, Path):
        try:
            content = content.read_bytes()
        except OSError:
            return True
    return any(needle in content for needle in wanted)
