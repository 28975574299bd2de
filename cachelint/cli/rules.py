"""`cachelint rules`: the table of all rules."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from cachelint.cli.output import deliver, file_option, format_option
from cachelint.rulebook import FAMILIES, Rule, rulebook

_COLUMNS = ("code", "name", "severity", "fix", "summary")
_GAP = "  "
_NARROWEST_SUMMARY = 24


@click.command()
@format_option(("text", "markdown", "json"))
@file_option()
def command(output_format: str, output_file: Path | None) -> None:
    """List every rule: code, name, default severity, fix and summary.

    `cachelint explain CODE` tells what a rule means and what to do.
    """
    rules = rulebook().rules
    match output_format:
        case "json":
            text = json.dumps([described(rule) for rule in rules], indent=2, ensure_ascii=False)
        case "markdown":
            text = tabulate([_row(rule) for rule in rules], headers=_COLUMNS, tablefmt="github")
        case _:
            text = _as_text(rules, folded=output_file is None)
    deliver(f"{text}\n", output_file, styled=True)


def described(rule: Rule) -> dict[str, Any]:
    """The front matter of `rule` as JSON has it; the keys are those of `Rule`, with `family` and without `body`."""
    fields = asdict(rule) | {"family": rule.family, "safe": sorted(rule.safe)}
    del fields["body"]
    return fields


def _as_text(rules: Sequence[Rule], *, folded: bool) -> str:
    """One table per family, aligned with each other; on a terminal the summaries are folded to its width."""
    rows = [_row(rule) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    margin = sum(widths) + len(_GAP) * len(widths)
    on_terminal = folded and sys.stdout.isatty()
    room = max(_NARROWEST_SUMMARY, shutil.get_terminal_size().columns - margin) if on_terminal else None
    sections = []
    for family, members in groupby(rules, key=lambda rule: rule.family):
        title = click.style(f"{family}  {FAMILIES[family]}", bold=True)
        sections.append("\n".join([title, *(_as_line(_row(rule), widths, margin, room) for rule in members)]))
    return "\n\n".join(sections)


def _as_line(row: Sequence[str], widths: Sequence[int], margin: int, room: int | None) -> str:
    *cells, summary = row
    folded = textwrap.wrap(summary, room) if room else [summary]
    start = _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"{start}{_GAP}" + ("\n" + " " * margin).join(folded)


def _row(rule: Rule) -> tuple[str, str, str, str, str]:
    severity = "in logs" if rule.seen_in_logs else rule.severity.value
    return rule.code, rule.name, severity, "" if rule.fix == "none" else rule.fix, rule.summary
