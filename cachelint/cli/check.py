"""`cachelint check`: finds what breaks the cache in source, prints it, and exits with 1 when there is something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cachelint.cli.cache_options import cache_options
from cachelint.cli.output import Output, file_option, format_option
from cachelint.errors import ConfigurationError
from cachelint.findings import Severity
from cachelint.formats import format_names

if TYPE_CHECKING:
    from cachelint.attribution.logs import Logged
    from cachelint.checking import Answer, Question


def _selectors(value: str) -> tuple[str, ...]:
    """Codes, names or families, separated by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


_RULES: dict[str, Any] = {"type": _selectors, "multiple": True, "metavar": "RULES"}
_SEVERITIES = click.Choice([str(severity) for severity in Severity])


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--select", **_RULES, help="Report these rules only.")
@click.option("--ignore", **_RULES, help="Leave these rules out.")
@click.option("--extend-select", **_RULES, help="Report these rules too.")
@click.option("--pedantic", is_flag=True, help="Report findings of low confidence too.")
@click.option("--fail-on", type=_SEVERITIES, help="The least severity that makes the run fail.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: those too that may change what is sent.")
@click.option(
    "--diff", is_flag=True, help="Print what --fix would change, change nothing, and exit with 1 if it would."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@format_option(format_names(), help="How to print results; the exit code does not depend on it.")
@file_option()
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="When to use colours; auto means on a terminal.",
)
@click.option("--statistics", is_flag=True, help="Print how many findings each rule has, and no findings.")
@click.option("--show-requests", is_flag=True, help="Print every request found with its blocks, and no findings.")
@click.option("--since", metavar="REVISION", help="Report only what touches lines changed since this git revision.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Report only findings that are not in this file.")
@click.option("--write-baseline", is_flag=True, help="Write everything found to the --baseline file, and exit with 0.")
@click.option("--add-ignores", metavar="REASON", help="Suppress everything found by comments with this reason.")
@click.option(
    "--usage",
    multiple=True,
    metavar="LOG",
    help="Show what this usage log says that each finding cost, the costliest first; can be repeated.",
)
@click.option(
    "--usage-days",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="With --usage: how many of the last days of the logs count.",
)
@cache_options
@click.option("--stdin-filename", metavar="FILE", help="The name of the source on standard input, with `-` as path.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Find in Python source what breaks Claude's prompt cache.

    PATHS are files and folders whose findings are reported, by default the working folder; imports are followed in the
    whole project. `-` reads standard input. Rules are given by code (CL101), name (clock-in-prefix) or family (CL1).

    Exits with 0 when nothing is found at or above --fail-on, 1 when something is, 2 on an error.
    """
    from cachelint.checking import check, fails
    from cachelint.cli import check_results as results
    from cachelint.cli.check_notes import print_notes
    from cachelint.cli.check_question import baseline_path, question_of

    question = question_of(paths, options)
    output = Output(options["output_format"], options["output_file"], options["color"])
    if options["unsafe_fixes"] and not (options["fix"] or options["diff"]):
        raise ConfigurationError("--unsafe-fixes goes with --fix or --diff")
    logged = _logged(options)
    if options["fix"] or options["diff"]:
        return _fix(question, output, logged, options)
    answer = _priced(check(question), logged)
    print_notes(answer, everything=options["show_requests"])
    if options["write_baseline"]:
        results.save_baseline(answer, question, baseline_path(question.settings, question.root, options))
    elif options["add_ignores"] is not None:
        results.add_ignores(answer, question.root, options["add_ignores"])
    elif options["show_requests"]:
        results.print_requests(answer, output)
    else:
        results.print_results(answer, output, statistics=options["statistics"])
        return _exit_code(fails(answer.outcome, question.settings), options)
    return 0


def _logged(options: dict[str, Any]) -> Logged | None:
    """What the logs of --usage say; None without any."""
    if not options["usage"]:
        return None
    from cachelint.cli.check_usage import read_usage

    return read_usage(options)


def _priced(answer: Answer, logged: Logged | None) -> Answer:
    """The answer, its findings with what they cost."""
    if logged is None:
        return answer
    from cachelint.cli.check_usage import with_usage

    return with_usage(answer, logged)


def _fix(question: Question, output: Output, logged: Logged | None, options: dict[str, Any]) -> int:
    """Fixes, and reports what is left; or only shows what would change."""
    from cachelint.checking import fails
    from cachelint.cli import check_fixes as fixes
    from cachelint.cli import check_results as results
    from cachelint.cli.check_notes import print_notes

    answer = fixes.check_and_fix(question, unsafe=options["unsafe_fixes"])
    if options["diff"]:
        fixes.print_diff(answer, output)
        return _exit_code(bool(answer.fixed.texts), options)
    print_notes(answer.after, everything=False)
    if question.stdin:
        fixes.print_fixed_input(question.stdin, answer, output)
    else:
        fixes.write_fixes(question.root, answer)
        results.print_results(_priced(answer.after, logged), output, statistics=options["statistics"])
    return _exit_code(fails(answer.after.outcome, question.settings), options)


def _exit_code(failed: bool, options: dict[str, Any]) -> int:
    return 1 if failed and not options["exit_zero"] else 0
