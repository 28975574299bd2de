"""`cachelint rules`: the table of all rules."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import click
from tabulate import tabulate

from cachelint.rulebook import FAMILIES, Rule, rulebook

_COLUMNS = ("code", "name", "severity", "fix", "summary")
_GAP = "  "
_NARROWEST_SUMMARY = 24


@click.command()
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print the rules.",
)
def command(output_format: str) -> None:
    """List every rule: code, name, default severity, fix and summary.

    `cachelint explain CODE` tells what a rule means and what to do.
    """
    rules = rulebook().rules
    match output_format:
        case "json":
            click.echo(json.dumps([described(rule) for rule in rules], indent=2, ensure_ascii=False))
        case "markdown":
            click.echo(tabulate([_row(rule) for rule in rules], headers=_COLUMNS, tablefmt="github"))
        case _:
            click.echo(_as_text(rules))


def described(rule: Rule) -> dict[str, Any]:
    """The front matter of `rule` as JSON has it; the keys are those of `Rule`, with `family` and without `body`."""
    fields = asdict(rule) | {"family": rule.family, "safe": sorted(rule.safe)}
    del fields["body"]
    return fields


def _as_text(rules: Sequence[Rule]) -> str:
    """One table per family, aligned with each other; on a terminal the summaries are folded to its width."""
    rows = [_row(rule) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    margin = sum(widths) + len(_GAP) * len(widths)
    room = max(_NARROWEST_SUMMARY, shutil.get_terminal_size().columns - margin) if sys.stdout.isatty() else None
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
