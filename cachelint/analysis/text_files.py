"""Files of a project that are not Python, such as templates: found on demand, never listed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cachelint.analysis.reading import read_file

SUFFIXES = (".py", ".pyi", ".ipynb")
"""How the names of Python files end; all others are texts."""

MAXIMUM_BYTES = 500_000
"""A larger file is no prompt."""


class TextFiles:
    """Texts by their names, relative to the project's root."""

    def __init__(self, texts: Mapping[str, Path | bytes], root: Path | None) -> None:
        """`texts` stand for what is on disk below `root`."""
        self._texts = dict(texts)
        self._root = root.resolve() if root is not None else None
        self._known: dict[str, str | None] = {}

    def text(self, path: str, folder: PurePosixPath) -> str | None:
        """The text of a file: as named from the root, else from `folder` or the nearest folder around it."""
        if path.startswith("/") or "\0" in path:
            return None
        for base in (PurePosixPath(), folder, *folder.parents):
            found = self._read(str(base / path))
            if found is not None:
                return found
        return None

    def looked_up(self) -> dict[str, str | None]:
        """Every name that was tried so far, with a digest of the text; None where there was none."""
        return {name: _digest(text) for name, text in self._known.items()}

    def agrees(self, looked_up: Mapping[str, str | None]) -> bool:
        """Whether trying these names gives the same texts as it gave then."""
        return all(_digest(self._read(name)) == digest for name, digest in looked_up.items())

    def _read(self, name: str) -> str | None:
        if name not in self._known:
            self._known[name] = self._decoded(name)
        return self._known[name]

    def _decoded(self, name: str) -> str | None:
        origin = self._texts.get(name)
        try:
            if isinstance(origin, bytes):
                return origin.decode()
            path = origin if isinstance(origin, Path) else self._on_disk(name)
            return read_file(path).decode() if path is not None else None
        except (OSError, UnicodeDecodeError, ValueError):
            return None

    def _on_disk(self, name: str) -> Path | None:
        """The file of that name, unless it lies outside the root or is too large."""
        if self._root is None:
            return None
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root) or not path.is_file() or path.stat().st_size > MAXIMUM_BYTES:
            return None
        return path


def _digest(text: str | None) -> str | None:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest() if text is not None else None
