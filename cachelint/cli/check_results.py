"""What `cachelint check` does with its answer: prints it, keeps it as a baseline, or writes it into the source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cachelint.baseline import read_baseline, write_baseline
from cachelint.checking import Answer, Question
from cachelint.cli.output import Output
from cachelint.errors import ConfigurationError
from cachelint.formats import load_format
from cachelint.rendering.wording import counted, summary


def print_results(answer: Answer, output: Output, *, statistics: bool) -> None:
    """Prints the findings, or only how many each rule has."""
    if statistics:
        _print_statistics(answer, output)
    else:
        _print_findings(answer, output)


def _print_findings(answer: Answer, output: Output) -> None:
    """Prints the findings, and the summary on standard error where the results do not show it."""
    chosen = load_format(output.format)
    output.write(chosen.render(answer.outcome, output.terminal()))
    if output.file or not chosen.SUMMARIZES:
        click.echo(summary(answer.outcome), err=True)


def _print_statistics(answer: Answer, output: Output) -> None:
    """Prints how many findings each rule has, as text or JSON."""
    from cachelint.rendering.statistics import count_by_rule, statistics_objects, statistics_text

    counts = count_by_rule(answer.outcome.findings)
    if output.format == "text":
        output.write(f"{statistics_text(counts)}{summary(answer.outcome)}\n")
    else:
        output.write(_as_json("--statistics", statistics_objects(counts), output))


def print_requests(answer: Answer, output: Output) -> None:
    """Prints what the analyzer sees of each request, as text or JSON."""
    from cachelint.rendering.requests import request_objects, requests_text

    requests, path = answer.analysis.requests, answer.outcome.path
    if output.format == "text":
        output.write(requests_text(requests, path, output.terminal()))
    else:
        output.write(_as_json("--show-requests", request_objects(requests, path), output))


def save_baseline(answer: Answer, question: Question, path: Path) -> None:
    """Writes everything found to the baseline file, and says how to use it where the settings do not yet.

    What the file knows of other files and rules than those of this run stays.
    """
    earlier = read_baseline(path) if path.is_file() else None
    baseline = answer.as_baseline(question, earlier)
    write_baseline(path, baseline)
    kept = sum(entry.count for entry in baseline.entries) - len(answer.outcome.findings)
    beside = f", beside {counted(kept, 'finding')} of what was not checked" if kept else ""
    click.echo(f"Wrote {counted(len(answer.outcome.findings), 'finding')} to {path}{beside}.", err=True)
    if question.settings.baseline is None:
        click.echo(f"`baseline = {json.dumps(path.name)}` under [tool.cachelint] makes every run use it.", err=True)


def add_ignores(answer: Answer, root: Path, reason: str) -> None:
    """Adds suppression comments to the source of everything found."""
    from cachelint.adoption import comments_to_add, with_comments

    added = comments_to_add(answer.outcome.findings)
    for filename, rows in added.items():
        path = root / filename
        # Bytes, because reading text would normalize line ends and drop a byte order mark.
        content = path.read_bytes().decode("utf-8", "surrogateescape")
        path.write_bytes(with_comments(content, rows, reason).encode("utf-8", "surrogateescape"))
    comments = sum(len(rows) for rows in added.values())
    click.echo(f"Added {counted(comments, 'comment')} to {counted(len(added), 'file')}.", err=True)
    left = sum(finding.location.filename not in added for finding in answer.outcome.findings)
    if left:
        click.echo(f"Left {counted(left, 'finding')} in notebooks, whose cells are not edited.", err=True)


def _as_json(option: str, objects: list[dict[str, Any]], output: Output) -> str:
    if output.format != "json":
        raise ConfigurationError(f"{option} prints text or json, not {output.format}")
    return json.dumps(objects, indent=2) + "\n"
