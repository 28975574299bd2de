"""`cachelint audit`: check and logs on one page, in the order of money."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from cachelint.cli.cache_options import cache_options
from cachelint.cli.output import Output, file_option, format_option
from cachelint.errors import MissingExtraError
from cachelint.findings import Severity

if TYPE_CHECKING:
    from cachelint.audit.page import Audit
    from cachelint.checking import Question

_RENDERERS = {"text": "text", "json": "as_json", "markdown": "markdown"}
"""Format -> the module of `cachelint.audit` that renders it."""

_NOT_ASKED = ("baseline", "write_baseline", "since", "stdin_filename")
"""Options of `check` that an audit does not have: it is about all that a project does."""


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--usage",
    "logs",
    multiple=True,
    metavar="LOG",
    help="A usage log: a file, folder, glob or archive; can be repeated. Default: where the shim has left its logs.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="How many of the last days of the logs count.",
)
@format_option(_RENDERERS)
@file_option()
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
@click.option("--pedantic", is_flag=True, help="Regard findings of low confidence too.")
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    help="The least severity of a finding that makes the run fail.",
)
@cache_options
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
def command(paths: tuple[str, ...], logs: tuple[str, ...], output_format: str, **options: Any) -> int:
    """Say what a project's requests cost, what of that was lost, where in the source, and what to do.

    PATHS are the files and folders to check, by default the working folder. The logs are those of --usage; without it
    the one that CACHELINT_LOG names, or the folder .cachelint/ that `cachelint run` and `track` write to.

    \b
    cachelint run -- python app.py
    cachelint audit

    Exits with 0 when nothing is found at or above --fail-on, 1 when something is, 2 on an error.
    """
    from cachelint.audit.discovery import find_project_logs
    from cachelint.checking import fails
    from cachelint.cli.check_question import question_of

    asked = {**dict.fromkeys(_NOT_ASKED), "select": (), "extend_select": (), "ignore": (), **options}
    question = question_of(paths, asked)
    page = _audit(question, logs or find_project_logs(question.root), options["days"])
    output = Output(output_format, options["output_file"], options["color"])
    renderer = importlib.import_module(f"cachelint.audit.{_RENDERERS[output_format]}")
    output.write(renderer.render(page, output.terminal()))
    return 1 if fails(page.outcome, question.settings) and not options["exit_zero"] else 0


def _audit(question: Question, logs: tuple[str, ...], days: int) -> Audit:
    from cachelint.audit.building import audit
    from cachelint.report.progress import show_progress

    try:
        with show_progress("cachelint audit") as progress:
            return audit(question, logs, days, progress)
    except MissingExtraError:
        raise MissingExtraError("audit", "report") from None
