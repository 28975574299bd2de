"""Where a finding stands on disk: notebooks hold their cells' source inside one file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

_CELL = re.compile(r"#cell(\d+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and the cell in it where it is a notebook."""

    path: str
    cell: int | None = None
    """Counted from 0; rows of a finding then count within the cell."""

    @property
    def name(self) -> str:
        """The file with its cell, as findings name it: ``book.ipynb#cell3``."""
        return self.path if self.cell is None else f"{self.path}#cell{self.cell}"

    @classmethod
    def of(cls, filename: str, path: Callable[[str], str] = str) -> Self:
        """The place that the `filename` of a location names; `path` says how its file is shown."""
        cell = _CELL.search(filename)
        if cell is None:
            return cls(path(filename))
        return cls(path(filename[: cell.start()]), int(cell[1]))
