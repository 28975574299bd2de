"""Where results go: options spelled alike in every command, files that are whole or as they were."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cachelint.cli import COMMANDS, command_line
from cachelint.cli.output import deliver
from cachelint.errors import InputError

FORMAT = ["--output-format", "--format"]
FILE = ["--output-file", "--output", "-o"]


def options(name: str) -> dict[str, list[str]]:
    """The spellings of a command's options for results, by parameter."""
    command = importlib.import_module(f"cachelint.cli.{name}").command
    assert isinstance(command, click.Command)
    return {str(each.name): each.opts for each in command.params if str(each.name).startswith("output")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_with_results_spells_them_alike(name: str) -> None:
    expected = {"output_format": FORMAT, "output_file": FILE}
    if name in ("run", "lsp"):
        expected = {}
    if name == "compact":
        del expected["output_format"]
    assert options(name) == expected


def test_help_shows_one_spelling() -> None:
    text = CliRunner().invoke(command_line, ["rules", "--help"]).output
    assert "  --output-format [text|markdown|json]\n" in text
    assert "  --output-file FILE " in text
    assert not {"--format", "--output", "-o"} & set(text.split())


@pytest.mark.parametrize("spelling", FORMAT)
@pytest.mark.parametrize("into", FILE)
def test_each_spelling_works(spelling: str, into: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command_line, ["explain", "CL901", spelling, "json", into, str(tmp_path / "rule.json")], catch_exceptions=False
    )
    assert (done.exit_code, done.output) == (0, "")
    assert [rule["code"] for rule in json.loads((tmp_path / "rule.json").read_text())] == ["CL901"]


def test_a_file_gets_no_colours_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    command = ["explain", "CL901", "-o", str(tmp_path / "rule.txt")]
    assert CliRunner().invoke(command_line, command, color=True).exit_code == 0
    assert (tmp_path / "rule.txt").read_text().startswith("CL901 unused-suppression  [")
    assert [path.name for path in tmp_path.iterdir()] == ["rule.txt"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    deliver("new", tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_is_written_to_and_not_put_aside(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "cachelint", "explain", "CL901", "--output-file", str(pipe)]
    with subprocess.Popen(command) as process:
        assert pipe.read_text().startswith("CL901")
        assert process.wait() == 0
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no/where: No such file or directory"):
        deliver("text", tmp_path / "no" / "where")


def test_source_that_is_printed_keeps_what_looks_like_colours(tmp_path: Path) -> None:
    source = b'RED = "\x1b[31m"\n'
    command = [sys.executable, "-m", "cachelint", "check", "--fix", "-"]
    run = subprocess.run(command, cwd=tmp_path, input=source, capture_output=True, check=False)
    assert run.stdout == source


def test_source_that_is_printed_keeps_its_bytes(tmp_path: Path) -> None:
    source = "# -*- coding: latin-1 -*-\nNAME = 'Zoë'\r\n".encode("latin-1")
    command = [sys.executable, "-m", "cachelint", "check", "--fix", "-"]
    run = subprocess.run(command, cwd=tmp_path, input=source, capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (0, source), run.stderr
