"""`cachelint explain`: what a rule means, why it matters, and what to do."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from cachelint.cli.output import deliver, file_option, format_option
from cachelint.cli.rules import described
from cachelint.rulebook import Rule, Source, rulebook

_EXAMPLE_TITLES = {"bad": "Flagged, where marked:", "good": "Clean:"}
_HOW = {"read": "read", "environment": "environment variable", "named": "by name"}
_WIDTH = 100


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    items = [(key, rule.summary) for rule in rulebook() for key in (rule.code, rule.name)]
    return [CompletionItem(key, help=text) for key, text in items if key.startswith(incomplete)]


@click.command()
@click.argument("rules", nargs=-1, required=True, metavar="RULE...", shell_complete=_complete)
@format_option(("text", "json"))
@file_option()
def command(rules: tuple[str, ...], output_format: str, output_file: Path | None) -> None:
    """Explain rules, given by code (CL101), by name (clock-in-prefix) or by family (CL1)."""
    book = rulebook()
    wanted = dict.fromkeys(code for selector in rules for code in sorted(book.expand([selector])))
    chosen = [rule for code in wanted if (rule := book.find(code)) is not None]
    if output_format == "json":
        text = json.dumps([described(rule) | {"body": rule.body} for rule in chosen], indent=2, ensure_ascii=False)
    else:
        text = "\n\n".join(_as_text(rule) for rule in chosen)
    deliver(f"{text}\n", output_file, styled=True)


def _as_text(rule: Rule) -> str:
    """The rule file as a person reads it at a terminal."""
    title = click.style(f"{rule.code} {rule.name}", bold=True)
    lines = [f"{title}  [{_standing(rule)}]", "", rule.summary, rule.help, "", *_body_lines(rule.body)]
    if rule.sources:
        lines += ["", click.style("Sources", bold=True), "", *_source_lines(rule)]
    return "\n".join(lines)


def _standing(rule: Rule) -> str:
    if rule.seen_in_logs:
        return "printed by `cachelint report`"
    fix = {"none": "no automatic fix", "both": "safe and unsafe fixes"}.get(rule.fix, f"{rule.fix} fix")
    return f"{rule.severity}, {fix}, since {rule.since}"


def _body_lines(body: str) -> Iterator[str]:
    """The Markdown of a rule, with bold headings, and with its examples indented under a title instead of fenced."""
    in_example = False
    for line in body.rstrip("\n").splitlines():
        if line.startswith("```"):
            words = line.removeprefix("```").split()
            in_example = not in_example
            if len(words) > 1:
                yield from (_EXAMPLE_TITLES[words[1]], "")
        elif in_example:
            yield f"    {line}".rstrip()
        else:
            yield click.style(line.removeprefix("## "), bold=True) if line.startswith("## ") else line


def _source_lines(rule: Rule) -> Iterator[str]:
    for source in rule.sources:
        names = ", ".join(source.functions)
        yield from textwrap.wrap(f"{_condition(source)}: {names}", _WIDTH, subsequent_indent="    ")


def _condition(source: Source) -> str:
    """How often the functions of `source` change, and which uses count, as a phrase."""
    details = [f"changes per {source.period}"]
    if source.varies == "order":
        details[0] = f"order changes per {source.period}"
    if source.how in _HOW:
        details.append(_HOW[source.how])
    if source.when != "always":
        details.append(source.when.replace("-", " ", 1) if ":" not in source.when else source.when)
    return ", ".join(details)
