"""The command line: finds a command, loads only that one, and turns its errors into one sentence and an exit code.

Exit codes: 0 success, 1 findings or a failed gate, 2 an error of usage, configuration or input, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import click

from cachelint.errors import CachelintError

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "Find in Python source what breaks Claude's prompt cache.",
        "audit": "Say what a project's requests cost, what of that was lost, where in the source, and what to do.",
        "report": "Turn usage logs into hit ratio, cost and savings, and say why requests missed.",
        "advise": "Say which breakpoints and TTLs would have been cheapest for each call site of a log.",
        "run": "Run a Python program and log the usage of every request that it sends.",
        "lsp": "Start the language server, for findings in an editor.",
        "explain": "Explain a rule: what it flags, why it matters, how to fix it.",
        "rules": "List every rule.",
        "config": "Show the settings that apply here and where each comes from.",
        "prices": "Show the prices that reports use, and their sources.",
        "compact": "Rewrite usage logs as one smaller file.",
    }
)
"""Every command with its line in `cachelint --help`. Command `name` is `cachelint.cli.<name>.command`."""

TRACEBACK_VARIABLE = "CACHELINT_TRACEBACK"
"""Environment variable that asks for the traceback of an internal error."""


class LazyGroup(click.Group):
    """A group that imports the module of a command when the command is called, and none to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command `cmd_name`, or None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"cachelint.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from cachelint import __version__

        click.echo(f"cachelint {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def command_line() -> None:
    """Find what breaks Claude's prompt cache: in the source before it ships, and in the usage log after."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line `arguments`, by default the process's own, and ends the process with its exit code."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    """The exit code of the command line `arguments`."""
    try:
        result: Any = command_line.main(args=arguments, prog_name="cachelint", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except CachelintError as error:
        click.echo(f"error: {error}", err=True)
        return 2
    except BrokenPipeError:
        # The reader of our output went away; without this, Python complains when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _apologise(error)
    return result if isinstance(result, int) else 0


def _apologise(error: Exception) -> int:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exc()
    click.echo(
        f"error: cachelint failed, and that is our mistake: {type(error).__name__}: {error} "
        f"(run it again with {TRACEBACK_VARIABLE}=1 to see where)",
        err=True,
    )
    return 2
