"""Where results go: the options that every command with results has, and the writing of what they ask for."""

from __future__ import annotations

import contextlib
import copy
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from cachelint.errors import InputError
from cachelint.rendering.terminal import ColorChoice, Terminal, terminal_of

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Spelled(click.Option):
    """An option that help shows in its first spelling only; the others work too."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        shown = copy.copy(self)
        shown.opts = self.opts[:1]
        return click.Option.get_help_record(shown, ctx)


def format_option(formats: Iterable[str], *, help: str = "How to print results.") -> Callable[[_Command], _Command]:
    """Gives a command ``--output-format``, also spelled ``--format``, as `output_format`; text is the default."""
    choice = click.Choice(list(formats))
    return click.option(
        *("--output-format", "--format", "output_format"),
        cls=_Spelled,
        type=choice,
        default="text",
        show_default=True,
        help=help,
    )


def file_option(**settings: Any) -> Callable[[_Command], _Command]:
    """Gives a command ``--output-file``, also spelled ``--output`` and ``-o``, as `output_file`."""
    return click.option(
        *("--output-file", "--output", "-o", "output_file"),
        cls=_Spelled,
        type=click.Path(path_type=Path, dir_okay=False),
        **{"help": "Write results to this file.", **settings},
    )


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how results are shown."""

    format: str
    file: Path | None
    color: ColorChoice

    def terminal(self) -> Terminal:
        """What the place of the results can show."""
        return Terminal() if self.file else terminal_of(sys.stdout, self.color)

    def write(self, text: str) -> None:
        """Writes the results; raises `InputError` where the file cannot be written."""
        deliver(text, self.file)


def deliver(text: str, file: Path | None, *, styled: bool = False) -> None:
    """Prints `text`, or writes the file in one step, so that an interruption leaves no half of it.

    With `styled` the text has colours that are left out where no terminal shows them; otherwise it stays as it is.
    Raises `InputError` where the file cannot be written.
    """
    if file is None:
        click.echo(text, nl=False, color=None if styled else True)
        return
    try:
        _write(file.resolve(), click.unstyle(text) if styled else text)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None


def _write(file: Path, text: str) -> None:
    if file.exists() and not file.is_file():
        # A pipe or a terminal, as in `--output-file /dev/stderr`: nothing to put another file in the place of.
        file.write_text(text, encoding="utf-8")
        return
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
