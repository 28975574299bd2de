"""The files of the cache. Runs may share a folder: each file is replaced as a whole, and read only if it is intact."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KEPT_OUTCOMES = 8
"""So many of the last outcomes of a project are kept: of branches, and of settings."""

_INDEX = "index.json"
_FILES = "files.json"
_OUTCOME = "outcome-"
_TRACE = "trace-"


class Store:
    """A folder with the index of the last run, outcomes of files, and outcomes of projects, each with its trace.

    Nothing here raises when the disk fails: what cannot be read is not there, what cannot be written is not kept.
    """

    def __init__(self, folder: Path, program: str) -> None:
        """`program` as `build` names it; what another one has written is as good as damaged."""
        self._folder = folder
        self._program = program.encode()
        known = self._load(_INDEX)
        self._index = known if isinstance(known, dict) else {}

    def index(self, part: str) -> Mapping[str, Any]:
        """A part of the index that was kept last; empty where there is none."""
        known = self._index.get(part)
        return known if isinstance(known, dict) else {}

    def keep_index(self, **parts: Mapping[str, Any]) -> None:
        """Keeps an index, if it is another one than that which was read."""
        if parts != self._index:
            self._save(_INDEX, parts)

    def files(self) -> Any:
        """What is known of files by themselves; None where nothing is."""
        return self._load(_FILES)

    def keep_files(self, known: Any) -> None:
        """Keeps what is known of files by themselves."""
        self._save(_FILES, known)

    def outcome(self, identifier: str) -> Any:
        """The outcome of a project; None where it is not there."""
        path = f"{_OUTCOME}{identifier}.json"
        known = self._load(path)
        if known is not None:
            # The last that were used are kept.
            with contextlib.suppress(OSError):
                os.utime(self._folder / path)
        return known

    def traces(self, options: str) -> Iterator[tuple[str, Any]]:
        """The outcomes that were kept for some options, by their identifiers, with their traces, the last first."""
        for path in _last_first(self._folder.glob(f"{_TRACE}{options}-*.json")):
            trace = self._load(path.name)
            if trace is not None:
                yield path.stem.rpartition("-")[2], trace

    def keep(self, options: str, outcome: Any, trace: Any) -> str:
        """Keeps an outcome and its trace, and drops those that were not used for longest; says its identifier."""
        contents = _content(outcome), _content(trace)
        identifier = self._digest(b"\n".join(contents)).decode()
        self._write(f"{_OUTCOME}{identifier}.json", contents[0])
        self._write(f"{_TRACE}{options}-{identifier}.json", contents[1])
        with contextlib.suppress(OSError):
            for path in _last_first(self._folder.glob(f"{_OUTCOME}*"))[KEPT_OUTCOMES:]:
                path.unlink(missing_ok=True)
            for path in self._folder.glob(f"{_TRACE}*"):
                if not (self._folder / f"{_OUTCOME}{path.stem.rpartition('-')[2]}.json").exists():
                    path.unlink(missing_ok=True)
        return identifier

    def _load(self, name: str) -> Any:
        try:
            digest, _, content = (self._folder / name).read_bytes().partition(b"\n")
            return json.loads(content) if digest == self._digest(content) else None
        except (OSError, ValueError, RecursionError):
            return None

    def _save(self, name: str, data: Any) -> None:
        self._write(name, _content(data))

    def _write(self, name: str, content: bytes) -> None:
        # Costs as much as reading an outcome, and most runs write none.
        import tempfile

        with contextlib.suppress(OSError):
            self._prepare()
            # Named like an outcome, so that one which a run left behind when it was killed is dropped in time.
            number, temporary = tempfile.mkstemp(prefix=_OUTCOME, suffix=".tmp", dir=self._folder)
            try:
                with open(number, "wb") as file:
                    file.write(self._digest(content) + b"\n" + content)
                os.replace(temporary, self._folder / name)
            except BaseException:
                os.unlink(temporary)
                raise

    def _digest(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, digest_size=16, key=self._program).hexdigest().encode()

    def _prepare(self) -> None:
        """Makes the folder, which version control is to leave alone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ignored = self._folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="ascii")


def _last_first(paths: Iterator[Path]) -> list[Path]:
    """Files by their time, the last first; none where one vanishes meanwhile."""
    try:
        return sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, path.name))
    except OSError:
        return []


def _content(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
