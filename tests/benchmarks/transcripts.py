"""Claude Code transcripts of any size: copies of real ones, in which messages, requests and sessions have new ids."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_IDENTIFIERS = (b'"msg_', b'"req_', b'"sessionId":"', b'"uuid":"', b'"parentUuid":"', b'"agentId":"')
"""What stands before the changing part of every id that a transcript has."""


def inflate(archives: Iterable[Path], folder: Path, megabytes: int) -> int:
    """Write copies of the transcripts in `archives` under `folder` until they have this many MB; how many bytes."""
    written, copy = 0, 0
    originals = list(_transcripts(archives))
    while written < megabytes * 1_000_000:
        for name, content in originals:
            path = folder / "projects" / f"copy-{copy}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            written += path.write_bytes(_renamed(content, copy))
            if written >= megabytes * 1_000_000:
                break
        copy += 1
    return written


def _transcripts(archives: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for archive in archives:
        with tarfile.open(archive) as members:
            for member in members:
                content = members.extractfile(member) if member.name.endswith(".jsonl") else None
                if content is not None:
                    yield member.name.replace("/", "-"), content.read()


def _renamed(content: bytes, copy: int) -> bytes:
    """The transcript with every id made unique to this copy."""
    for beginning in _IDENTIFIERS:
        content = content.replace(beginning, beginning + b"%03d" % copy)
    return content
