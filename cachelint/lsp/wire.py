"""What the server and the process that analyses say to each other: pickled, behind their length."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cachelint.findings import Finding

HEADER = struct.Struct(">Q")
"""The number of bytes that follow."""


@dataclass(frozen=True, slots=True)
class OpenText:
    """The text of an open file; of a notebook, its JSON."""

    text: str
    parsed: str | None
    """The last text of it that was Python, if there was any."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Check the open files of one project."""

    root: Path
    open_texts: Mapping[str, OpenText]
    """By filename, relative to `root`."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a check has found."""

    findings: tuple[Finding, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """The texts that findings point into, by filename."""
    broken: frozenset[str] = frozenset()
    """Open files whose text is no Python just now; the last text of theirs that was has stood for it."""
    problem: str | None = None
    """Why nothing could be checked, as one sentence."""


def own_standard_output() -> BinaryIO:
    """The standard output, for messages alone: what is printed from now on goes where errors go."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return messages


def packed(message: Asked | Told) -> bytes:
    """A message with its header."""
    content = pickle.dumps(message)
    return HEADER.pack(len(content)) + content


def receive(stream: BinaryIO) -> Any:
    """The next message; None where the stream has ended."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return pickle.loads(stream.read(*HEADER.unpack(header)))
