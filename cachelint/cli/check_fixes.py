"""What `cachelint check` does with fixes: applies them, or shows what it would change."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from cachelint.checking import Answer, Question, check
from cachelint.cli.output import Output
from cachelint.fixing.files import write_fixed
from cachelint.fixing.rounds import Checked, Fixed, fix_all
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import counted, summary


@dataclass(frozen=True, slots=True)
class FixedAnswer:
    """A check, and what its fixes make of the sources."""

    before: Answer
    fixed: Fixed
    after: Answer

    def original(self, filename: str) -> str:
        """The text of a file before it was fixed."""
        return self.before.outcome.source(filename)


def check_and_fix(question: Question, *, unsafe: bool) -> FixedAnswer:
    """Checks, and fixes in memory until no fix is left that helps."""
    before = check(question)
    fixed = fix_all(lambda texts: _checked(_rewritten(question, texts)), unsafe=unsafe, first=_checked(before))
    after = _rewritten(question, fixed.texts) if fixed.texts else before
    outcome = replace(after.outcome, fixed=len(fixed.applied))
    return FixedAnswer(before, fixed, replace(after, outcome=outcome))


def write_fixes(root: Path, answer: FixedAnswer) -> None:
    """Writes the fixed files, whose names are relative to `root`."""
    for filename, text in answer.fixed.texts.items():
        if not write_fixed(root / filename, text, answer.original(filename)):
            click.echo(
                f"note: {answer.before.outcome.path(filename)} has changed meanwhile and is left alone", err=True
            )
    _note_notebooks(answer.fixed)


def print_fixed_input(stdin: tuple[str, bytes], answer: FixedAnswer, output: Output) -> None:
    """Prints the fixed text of standard input, whole, also where nothing was fixed."""
    filename, content = stdin
    output.write(answer.fixed.texts.get(filename) or content.decode("utf-8", "surrogateescape"))
    click.echo(summary(answer.after.outcome), err=True)


def print_diff(answer: FixedAnswer, output: Output) -> None:
    """Prints what `write_fixes` would change, as a unified diff."""
    terminal = output.terminal()
    lines = (
        _painted(line, terminal)
        for filename, text in sorted(answer.fixed.texts.items())
        for line in _diff(answer.before.outcome.path(filename), answer.original(filename), text)
    )
    output.write(terminal.printable("".join(f"{line}\n" for line in lines)))
    click.echo(f"Would fix {counted(len(answer.fixed.applied), 'problem')}.", err=True)
    _note_notebooks(answer.fixed)


def _rewritten(question: Question, texts: Mapping[str, str]) -> Answer:
    return check(replace(question, rewritten=texts))


def _checked(answer: Answer) -> Checked:
    return Checked(answer.outcome.findings, answer.outcome.source)


def _diff(path: str, before: str, after: str) -> Iterator[str]:
    """Lines without their ends; a carriage return would move the cursor."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="")
    return (line.rstrip("\r") for line in lines)


def _painted(line: str, terminal: Terminal) -> str:
    if line.startswith(("+++", "---")):
        return terminal.paint(line, bold=True)
    if line.startswith("@@"):
        return terminal.paint(line, "cyan")
    return terminal.paint(line, {"+": "green", "-": "red"}.get(line[:1]))


def _note_notebooks(fixed: Fixed) -> None:
    if fixed.notebooks:
        click.echo(f"note: fixes of {counted(len(fixed.notebooks), 'problem')} in notebooks are not applied", err=True)
