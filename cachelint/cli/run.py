"""`cachelint run`: runs a Python program and logs the usage of every request that it sends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from cachelint.errors import InputError
from cachelint.runtime.location import LOG_VARIABLE
from cachelint.runtime.options import CAPTURE_VARIABLE, DIAGNOSTICS_VARIABLE
from cachelint.runtime.startup import HOOK_FOLDER, INSTALL_VARIABLE


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--log", metavar="PATH", help="File, or folder ending with a slash. Default: $CACHELINT_LOG or .cachelint/."
)
@click.option("--excerpts", is_flag=True, help="Write a short excerpt of the prompt where two requests diverge.")
@click.option("--diagnostics", is_flag=True, help="Ask the API why the cache missed. This changes the requests.")
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
def command(program: tuple[str, ...], log: str | None, excerpts: bool, diagnostics: bool) -> int:
    """Run PROGRAM and log the usage of every response that the anthropic SDK gets in it.

    Works for Python programs and for whatever Python processes they start. Exits as the program does.

    \b
    cachelint run -- python app.py
    cachelint run --log usage.jsonl -- uvicorn app:app
    """
    executable = shutil.which(program[0])
    if executable is None:
        raise InputError(f"cannot find the program {program[0]!r} to run")
    environment = _environment(log, excerpts, diagnostics)
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(executable, list(program), environment)
    return subprocess.run([executable, *program[1:]], env=environment, check=False).returncode


def _environment(log: str | None, excerpts: bool, diagnostics: bool) -> dict[str, str]:
    """The environment that makes every Python process in it install the shim as it starts."""
    environment = dict(os.environ)
    paths = [str(HOOK_FOLDER), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    environment[INSTALL_VARIABLE] = "1"
    if log is not None:
        environment[LOG_VARIABLE] = _absolute(log)
    if excerpts:
        environment[CAPTURE_VARIABLE] = "excerpt"
    if diagnostics:
        environment[DIAGNOSTICS_VARIABLE] = "1"
    return environment


def _absolute(log: str) -> str:
    """The same place whatever directory the program changes to; a slash at the end still means a folder."""
    return str(Path(log).expanduser().absolute()) + ("/" if log.endswith(("/", os.sep)) else "")
