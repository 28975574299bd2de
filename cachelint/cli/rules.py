"""`cachelint rules`: the table of all rules."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import click
from tabulate import tabulate

from cachelint.rulebook import FAMILIES, Rule, rulebook

_COLUMNS = ("code", "name", "severity", "fix", "summary")
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
    """One table per family; on a terminal the summaries are folded to its width."""
    widths = [max(len(column), *(len(_row(rule)[i]) for rule in rules)) for i, column in enumerate(_COLUMNS)]
    if sys.stdout.isatty():
        others = sum(widths[:-1]) + 2 * (len(_COLUMNS) - 1)
        widths[-1] = max(_NARROWEST_SUMMARY, shutil.get_terminal_size().columns - others)
    sections = []
    for family, members in groupby(rules, key=lambda rule: rule.family):
        table = tabulate(
            [[cell.ljust(width) for cell, width in zip(_row(rule), widths, strict=True)] for rule in members],
            tablefmt="plain",
            maxcolwidths=[None, None, None, None, widths[-1]],
        )
        sections.append(f"{click.style(f'{family}  {FAMILIES[family]}', bold=True)}\n{_stripped(table)}\n")
    return "\n".join(sections).rstrip("\n")


def _stripped(table: str) -> str:
    return "\n".join(line.rstrip() for line in table.splitlines())


def _row(rule: Rule) -> tuple[str, str, str, str, str]:
    severity = "in logs" if rule.seen_in_logs else rule.severity.value
    return rule.code, rule.name, severity, "" if rule.fix == "none" else rule.fix, rule.summary
