"""How text may look: how wide, in colour or not, with which characters."""

from __future__ import annotations

from dataclasses import dataclass

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_ASCII = str.maketrans({"→": ">", "←": "<", "…": "~", "—": "-", "×": "x"})


@dataclass(frozen=True, slots=True)
class Style:
    """The abilities of where a report is printed."""

    width: int = 120
    color: bool = False
    unicode: bool = True
    whole: bool = False
    """Tables keep every column and cell, however wide: for files and pipes, where `width` is for prose alone."""

    def paint(self, text: str, name: str) -> str:
        """`text` in a colour or weight, where there is colour."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.color and text else text

    def spelled(self, text: str) -> str:
        """`text` in ASCII where the encoding has nothing else: as wide as before, so that tables stay aligned."""
        return text if self.unicode else text.translate(_ASCII).encode("ascii", "replace").decode()

    def fitted(self, text: str, width: int) -> str:
        """`text`, shortened in the middle to at most `width` characters."""
        if len(text) <= width or width < 5:
            return text
        tail = (width - 1) // 2
        return text[: width - 1 - tail] + "…" + text[len(text) - tail :]
