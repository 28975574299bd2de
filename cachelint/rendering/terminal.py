"""What the place that output goes to can show: colours, a width, characters beyond ASCII."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Literal, TextIO

import click

ColorChoice = Literal["auto", "always", "never"]

WIDTH_WITHOUT_TERMINAL = 120
"""Columns where output goes to a file or pipe and the variable COLUMNS is not set."""

_ASCII = str.maketrans({"…": "...", "→": "->", "←": "<-", "×": "x", "–": "-", "—": "-", "│": "|"})


@dataclass(frozen=True, slots=True)
class Terminal:
    """The abilities of an output stream. `Terminal()` is a plain file in UTF-8."""

    color: bool = False
    width: int = WIDTH_WITHOUT_TERMINAL
    unicode: bool = True

    def paint(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """`text` in a colour of ANSI's (``red``, ``bright_black`` ...), or as it is where colours are off."""
        return click.style(text, fg=color, bold=bold or None) if self.color else text

    def printable(self, text: str) -> str:
        """`text` as the stream can encode it: typographic characters replaced, the rest and lone surrogates escaped."""
        encoding, shown = ("utf-8", text) if self.unicode else ("ascii", text.translate(_ASCII))
        return shown.encode(encoding, "backslashreplace").decode(encoding)


def terminal_of(stream: TextIO, color: ColorChoice = "auto") -> Terminal:
    """What `stream` can show. ``auto`` means colours on a terminal, unless NO_COLOR is set or TERM is ``dumb``."""
    return Terminal(
        color=color == "always" or (color == "auto" and _wants_color(stream)),
        width=shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns,
        unicode=_encodes_typography(stream),
    )


def _wants_color(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _encodes_typography(stream: TextIO) -> bool:
    try:
        "…→←×—".encode(stream.encoding or sys.getdefaultencoding())
    except (UnicodeEncodeError, LookupError):
        return False
    return True
