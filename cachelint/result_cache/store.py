"""The files of the cache. Runs may share a folder: each file is replaced as a whole, and read only if it is intact."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEPT_OUTCOMES = 8
"""So many of the last outcomes of a project are kept: of several folders, of hooks and of branches."""

_INDEX = "index.json"
_OUTCOME = "outcome-"


class Store:
    """A folder with outcomes, each under its key, and the index of the last snapshot.

    Nothing here raises when the disk fails: what cannot be read is not there, what cannot be written is not kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: dict[str, Any] = {}

    def index(self) -> Mapping[str, Any]:
        """The index that was kept last; empty where there is none."""
        known = self._load(_INDEX)
        self._index = known if isinstance(known, dict) else {}
        return self._index

    def keep_index(self, index: Mapping[str, Any]) -> None:
        """Keeps an index, if it is another one than that which was read."""
        if index != self._index:
            self._save(_INDEX, index)

    def find(self, key: str) -> Any:
        """The outcome with this key; None where there is none."""
        known = self._load(f"{_OUTCOME}{key}.json")
        if known is not None:
            # The last that were used are kept.
            with contextlib.suppress(OSError):
                os.utime(self._folder / f"{_OUTCOME}{key}.json")
        return known

    def keep(self, key: str, outcome: Any) -> None:
        """Keeps an outcome, and drops those that were not used for longest."""
        self._save(f"{_OUTCOME}{key}.json", outcome)
        with contextlib.suppress(OSError):
            last_first = sorted(self._folder.glob(f"{_OUTCOME}*"), key=lambda path: -path.stat().st_mtime_ns)
            for path in last_first[KEPT_OUTCOMES:]:
                path.unlink(missing_ok=True)

    def _load(self, name: str) -> Any:
        try:
            digest, _, content = (self._folder / name).read_bytes().partition(b"\n")
            return json.loads(content) if digest == _digest(content) else None
        except (OSError, ValueError, RecursionError):
            return None

    def _save(self, name: str, data: Any) -> None:
        # Costs as much as reading an outcome, and most runs write none.
        import tempfile

        content = json.dumps(data, separators=(",", ":")).encode()
        with contextlib.suppress(OSError):
            self._prepare()
            # Named like an outcome, so that one which a run left behind when it was killed is dropped in time.
            number, temporary = tempfile.mkstemp(prefix=_OUTCOME, suffix=".tmp", dir=self._folder)
            try:
                with open(number, "wb") as file:
                    file.write(_digest(content) + b"\n" + content)
                os.replace(temporary, self._folder / name)
            except BaseException:
                os.unlink(temporary)
                raise

    def _prepare(self) -> None:
        """Makes the folder, which version control is to leave alone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ignored = self._folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="ascii")


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()
