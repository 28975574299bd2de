"""The command line as a whole: listing, loading, errors, exit codes, and what a start costs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import pytest

from cachelint import __version__
from cachelint.cli import COMMANDS, main
from cachelint.errors import InputError

HEAVY = {"libcst", "anthropic", "duckdb", "genai_prices", "tabulate", "httpx"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command line."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    output = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, output.out, output.err


@pytest.fixture
def check_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts a function in the place of `cachelint check`."""

    def replace(function: Callable[[], object]) -> None:
        module = ModuleType("cachelint.cli.check")
        vars(module)["command"] = click.command()(function)
        monkeypatch.setitem(sys.modules, "cachelint.cli.check", module)

    return replace


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_exists(name: str) -> None:
    assert isinstance(importlib.import_module(f"cachelint.cli.{name}").command, click.Command)


def test_every_command_is_listed() -> None:
    modules = {path.stem for path in Path(importlib.import_module("cachelint.cli").__path__[0]).glob("*.py")}
    commands = {name for name in modules if hasattr(importlib.import_module(f"cachelint.cli.{name}"), "command")}
    assert commands == set(COMMANDS)


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--help")
    assert (code, err) == (0, "")
    assert all(f"  {name} " in out for name in COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"cachelint {__version__}\n", "")


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "chekc")
    assert (code, out) == (2, "")
    assert "No such command 'chekc'" in err


def test_a_mistake_of_the_user_is_one_sentence(
    capsys: pytest.CaptureFixture[str], check_that: Callable[[Callable[[], object]], None]
) -> None:
    def fail() -> None:
        raise InputError("no such file: app.py")

    check_that(fail)
    assert run(capsys, "check") == (2, "", "error: no such file: app.py\n")


def test_a_mistake_of_ours_is_an_apology(
    capsys: pytest.CaptureFixture[str],
    check_that: Callable[[Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("division by zero")

    check_that(fail)
    apology = (
        "error: cachelint failed, and that is our mistake: ZeroDivisionError: division by zero "
        "(run it again with CACHELINT_TRACEBACK=1 to see where)\n"
    )
    assert run(capsys, "check") == (2, "", apology)

    monkeypatch.setenv("CACHELINT_TRACEBACK", "1")
    code, _, err = run(capsys, "check")
    assert code == 2
    assert err.startswith("Traceback")
    assert err.endswith(apology)


def test_interrupted(capsys: pytest.CaptureFixture[str], check_that: Callable[[Callable[[], object]], None]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    check_that(interrupt)
    code, out, _ = run(capsys, "check")
    assert (code, out) == (130, "")


def test_a_command_returns_its_exit_code(
    capsys: pytest.CaptureFixture[str], check_that: Callable[[Callable[[], object]], None]
) -> None:
    check_that(lambda: 1)
    assert run(capsys, "check") == (1, "", "")


def test_a_reader_that_goes_away_is_no_error() -> None:
    shell = f"{sys.executable} -m cachelint rules | head -n 0; echo ${{PIPESTATUS[0]}}"
    piped = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert piped.stderr == ""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "."], ["check", "--help"]])
def test_a_start_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('no request here')\n")
    command = [sys.executable, "-X", "importtime", "-m", "cachelint", *arguments]
    started = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    imported = {
        line.rpartition("|")[2].strip() for line in started.stderr.splitlines() if line.startswith("import time")
    }
    assert imported & HEAVY == set()
