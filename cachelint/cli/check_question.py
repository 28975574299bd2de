"""What the command line of `cachelint check` asks: its paths and options, with the settings of the project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cachelint.analysis.text_files import SUFFIXES
from cachelint.baseline import Baseline, read_baseline
from cachelint.checking import Question
from cachelint.config import Settings, load_settings
from cachelint.errors import ConfigurationError, InputError
from cachelint.findings import Severity
from cachelint.project import common_folder, project_root
from cachelint.rendering.wording import counted
from cachelint.result_cache import cache_folder

if TYPE_CHECKING:
    from cachelint.changed_lines import ChangedLines


def question_of(paths: tuple[str, ...], options: dict[str, Any]) -> Question:
    """The question that the paths and options ask.

    Raises `ConfigurationError` for options that do not go together, `InputError` for files that cannot be read.
    """
    if options["write_baseline"] and options["since"]:
        raise ConfigurationError("--write-baseline keeps everything found, and --since leaves out most of it")
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
        targets=_sources(targets),
        settings=settings,
        stdin=(stdin.resolve().relative_to(root).as_posix(), sys.stdin.buffer.read()) if stdin else None,
        since=_changed_since(options["since"], root) if options["since"] else None,
        baseline=_known(settings, root, options),
        cache=None if options["no_cache"] else cache_folder(root, options["cache_dir"]),
    )


def _sources(targets: list[Path]) -> list[Path]:
    """The targets without files that are no source, as a list of all changed files has them; says which those are."""
    left_out = [target for target in targets if target.is_file() and not target.name.endswith(SUFFIXES)]
    if left_out:
        more = f" and {counted(len(left_out) - 1, 'more file')}" if len(left_out) > 1 else ""
        click.echo(f"note: {left_out[0]}{more} left out: only {', '.join(SUFFIXES)} files are checked", err=True)
    return [target for target in targets if target not in left_out]


def _known(settings: Settings, root: Path, options: dict[str, Any]) -> Baseline | None:
    """The baseline to compare with, if there is one."""
    if options["write_baseline"]:
        baseline_path(settings, root, options)
        return None
    if not options["baseline"] and not settings.baseline:
        return None
    return read_baseline(baseline_path(settings, root, options))


def baseline_path(settings: Settings, root: Path, options: dict[str, Any]) -> Path:
    """The file that --baseline or the settings name; raises `ConfigurationError` where neither does."""
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
    if filename is not None and not filename.endswith(SUFFIXES):
        raise ConfigurationError(f"--stdin-filename {filename}: only {', '.join(SUFFIXES)} files are checked")
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
