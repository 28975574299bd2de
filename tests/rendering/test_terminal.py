"""What a terminal can show decides over colours and characters."""

from __future__ import annotations

import io

import pytest

from cachelint.rendering.terminal import Terminal, terminal_of


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal_of(Tty()).color
    assert not terminal_of(io.StringIO()).color
    assert terminal_of(io.StringIO(), "always").color
    assert not terminal_of(Tty(), "never").color

    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal_of(Tty()).color
    assert terminal_of(Tty(), "always").color


def test_painting() -> None:
    assert Terminal(color=True).paint("error", "red") == "\x1b[31merror\x1b[0m"
    assert Terminal().paint("error", "red") == "error"


def test_a_stream_that_cannot_encode_typography_gets_ascii() -> None:
    terminal = terminal_of(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert terminal.printable("a → b… é") == "a -> b... \\xe9"


def test_names_that_are_no_text_are_escaped() -> None:
    assert Terminal().printable("caf\udce9.py →") == "caf\\udce9.py →"


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_of(io.StringIO()).width == 72
