"""`cachelint check`: finds what breaks the cache in source, prints it, and exits with 1 when there is something."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cachelint.config import Settings, load_settings
from cachelint.errors import ConfigurationError, InputError
from cachelint.findings import Severity
from cachelint.formats import format_names
from cachelint.project import common_folder, project_root

if TYPE_CHECKING:
    from cachelint.baseline import Baseline
    from cachelint.changed_lines import ChangedLines
    from cachelint.checking import Answer, Question
    from cachelint.cli.check_results import Output


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
@click.option(
    "--output-format",
    type=click.Choice(format_names()),
    default="text",
    show_default=True,
    help="How to print results; the exit code does not depend on it.",
)
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write results to this file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
@click.option("--statistics", is_flag=True, help="Print how many findings each rule has, and no findings.")
@click.option("--show-requests", is_flag=True, help="Print every request found with its blocks, and no findings.")
@click.option("--since", metavar="REVISION", help="Report only what touches lines changed since this git revision.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Report only findings that are not in this file.")
@click.option("--write-baseline", is_flag=True, help="Write everything found to the --baseline file, and exit with 0.")
@click.option("--add-ignores", metavar="REASON", help="Suppress everything found by comments with this reason.")
@click.option("--stdin-filename", metavar="FILE", help="The name of the source on standard input, with `-` as path.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Find in Python source what breaks Claude's prompt cache.

    PATHS are files and folders whose findings are reported, by default the working folder; imports are followed in the
    whole project. `-` reads standard input. Rules are given by code (CL101), name (clock-in-prefix) or family (CL1).

    Exits with 0 when nothing is found at or above --fail-on, 1 when something is, 2 on an error.
    """
    from cachelint.checking import check
    from cachelint.cli import check_results as results

    question = _question(paths, options)
    output = results.Output(options["output_format"], options["output_file"], options["color"])
    if options["unsafe_fixes"] and not (options["fix"] or options["diff"]):
        raise ConfigurationError("--unsafe-fixes goes with --fix or --diff")
    if options["fix"] or options["diff"]:
        return _fix(question, output, options)
    answer = check(question)
    results.print_notes(answer, everything=options["show_requests"])
    if options["write_baseline"]:
        results.save_baseline(answer, _baseline_path(question.settings, question.root, options))
    elif options["add_ignores"] is not None:
        results.add_ignores(answer, question.root, options["add_ignores"])
    elif options["show_requests"]:
        results.print_requests(answer, output)
    else:
        results.print_results(answer, output, statistics=options["statistics"])
        return _exit_code(_fails(answer, question.settings), options)
    return 0


def _fix(question: Question, output: Output, options: dict[str, Any]) -> int:
    """Fixes, and reports what is left; or only shows what would change."""
    from cachelint.cli import check_fixes as fixes
    from cachelint.cli import check_results as results

    answer = fixes.check_and_fix(question, unsafe=options["unsafe_fixes"])
    if options["diff"]:
        fixes.print_diff(answer, output)
        return _exit_code(bool(answer.fixed.texts), options)
    results.print_notes(answer.after, everything=False)
    if question.stdin:
        fixes.print_fixed_input(question.stdin, answer, output)
    else:
        fixes.write_fixes(question.root, answer)
        results.print_results(answer.after, output, statistics=options["statistics"])
    return _exit_code(_fails(answer.after, question.settings), options)


def _exit_code(failed: bool, options: dict[str, Any]) -> int:
    return 1 if failed and not options["exit_zero"] else 0


def _question(paths: tuple[str, ...], options: dict[str, Any]) -> Question:
    from cachelint.checking import Question

    stdin = _name_of_standard_input(paths, options["stdin_filename"])
    targets = [] if stdin else [Path(path) for path in paths or (".",)]
    for target in targets:
        if not target.exists():
            raise InputError(f"no such file or folder: {target}")
    start = common_folder([stdin] if stdin else targets)
    root = project_root(start)
    settings = _settings(start, options)
    return Question(
        root=root,
        targets=targets,
        settings=settings,
        stdin=(stdin.resolve().relative_to(root).as_posix(), sys.stdin.buffer.read()) if stdin else None,
        since=_changed_since(options["since"], root) if options["since"] else None,
        baseline=_known(settings, root, options),
    )


def _known(settings: Settings, root: Path, options: dict[str, Any]) -> Baseline | None:
    """The baseline to compare with, if there is one."""
    from cachelint.baseline import read_baseline

    if options["write_baseline"]:
        _baseline_path(settings, root, options)
        return None
    if not options["baseline"] and not settings.baseline:
        return None
    return read_baseline(_baseline_path(settings, root, options))


def _baseline_path(settings: Settings, root: Path, options: dict[str, Any]) -> Path:
    if options["baseline"]:
        return Path(options["baseline"])
    if settings.baseline:
        return root / settings.baseline
    raise ConfigurationError("--write-baseline needs to know the file: --baseline FILE --write-baseline")


def _changed_since(revision: str, root: Path) -> ChangedLines:
    from cachelint.changed_lines import changed_lines

    return changed_lines(root, revision)


def _name_of_standard_input(paths: tuple[str, ...], filename: str | None) -> Path | None:
    """The file that standard input stands for; None where it is not read."""
    if "-" not in paths:
        if filename is not None:
            raise ConfigurationError("--stdin-filename goes with the path `-`")
        return None
    if len(paths) > 1:
        raise ConfigurationError("`-` reads standard input and cannot stand beside other paths")
    return Path(filename or "stdin.py")


def _settings(start: Path, options: dict[str, Any]) -> Settings:
    """The settings of the project, with what the command line asks for in their place; --ignore adds to theirs."""
    settings = load_settings(start)
    chosen = {name: sum(options[name], ()) for name in ("select", "extend_select") if options[name]}
    if options["ignore"]:
        chosen["ignore"] = (*settings.ignore, *sum(options["ignore"], ()))
    if options["pedantic"]:
        chosen["pedantic"] = True
    if options["fail_on"]:
        chosen["fail_on"] = Severity(options["fail_on"])
    return settings.overridden("command line", **chosen)


def _fails(answer: Answer, settings: Settings) -> bool:
    return any(finding.severity.rank >= settings.fail_on.rank for finding in answer.outcome.findings)
