"""Bytes without which a file has nothing to find: a project without any is done before a parser is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cachelint.analysis.reading import MAXIMUM_FILE_BYTES, read_file
from cachelint.clients import CLAUDE, ClientsInUse, clients_in_use, declared_client
from cachelint.config import Settings

SINKS = (b"messages",)
"""A file that sends a prompt with the anthropic SDK has this."""
COUNTER = b"put_tokens"
"""A file that reads the counters of `usage` has this: they end in ``input_tokens`` or ``output_tokens``."""
SUPPRESSION = b"cachelint:"
"""A file with a suppression comment has this."""


def is_notable(name: str, content: bytes) -> bool:
    """Whether something may be found in a file by itself, whatever the others hold: by what is read in it, or because
    it cannot be read."""
    if not content:
        return name.endswith(".ipynb")
    return COUNTER in content or SUPPRESSION in content or len(content) > MAXIMUM_FILE_BYTES


def nothing_to_find(files: Mapping[str, Path | bytes], settings: Settings) -> ClientsInUse | None:
    """The clients in use, which are none, where no file, on disk or as bytes, may hold a request or is notable.

    None where there may be something to find. A file that cannot be read counts, because that is something to report.
    """
    wanted = (*SINKS, *(name.encode() for name in declared_client(settings).mentions))
    read: dict[str, bytes] = {}
    speaking = False
    for name, origin in files.items():
        content = _bytes(origin)
        if content is None or is_notable(name, content) or any(needle in content for needle in wanted):
            return None
        speaking = speaking or any(word in content for word in CLAUDE)
        read[name] = content
    found = clients_in_use(read) if speaking else ClientsInUse(None)
    return None if found.witnesses else found


def _bytes(content: Path | bytes) -> bytes | None:
    """The content of a file; None when it cannot be read."""
    if isinstance(content, bytes):
        return content
    try:
        return read_file(content)
    except OSError:
        return None
