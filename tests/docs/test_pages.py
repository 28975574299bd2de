"""The pages are true: what they show is what the programs beside them print, and their examples run."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from cachelint.cli import COMMANDS, command_line
from cachelint.config import Settings
from cachelint.rulebook import rulebook
from cachelint.testing.laboratory import Laboratory
from cachelint.toml_table import read_table

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
RULES = sorted((ROOT / "rules").glob("*.md"))

_PRINTED = re.compile(r"(<!-- begin: python (?P<program>[\w/.]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#\s]+)?(?:#(?P<anchor>[\w-]+))?\)")
_COMMAND = re.compile(r"(?:^|`|\$ |    |- )(?P<command>(?:CACHELINT_\w+=\S+ )?cachelint [a-z]+[^`\n]*)", re.MULTILINE)

page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


def blocks(path: Path, language: str) -> list[str]:
    """The code of the fenced blocks in a language."""
    text = path.read_text(encoding="utf-8")
    return [block["code"] for block in _FENCE.finditer(text) if block["language"] == language]


@page
def test_tables_are_what_the_programs_print(path: Path, request: pytest.FixtureRequest) -> None:
    def printed(match: re.Match[str]) -> str:
        program = [sys.executable, str(ROOT / match["program"])]
        output = subprocess.run(program, capture_output=True, text=True, check=True).stdout
        return f"{match[1]}\n{output}\n{match[3]}"

    shown = _PRINTED.sub(printed, path.read_text(encoding="utf-8"))
    if request.config.getoption("--update-snapshots"):
        path.write_text(shown, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == shown


@page
def test_links_lead_somewhere(path: Path) -> None:
    for match in _LINK.finditer(path.read_text(encoding="utf-8")):
        target = path.parent / match["target"] if match["target"] else path
        assert target.is_file(), match[0]
        if match["anchor"]:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert match["anchor"] in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", [*PAGES, *RULES], ids=lambda path: path.name)
def test_every_rule_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bCL[1-9]\d\d\b", path.read_text(encoding="utf-8")))
    assert named <= {rule.code for rule in rulebook()}


@pytest.mark.parametrize("path", [*PAGES, *RULES], ids=lambda path: path.name)
def test_every_command_line_that_is_shown_is_accepted(path: Path) -> None:
    for match in _COMMAND.finditer(path.read_text(encoding="utf-8")):
        _, *words = shlex.split(match["command"].partition("  #")[0].removeprefix("CACHELINT_LOG=usage.jsonl "))
        name, *arguments = words
        assert name in COMMANDS, match["command"]
        command = command_line.get_command(click.Context(command_line), name)
        assert command is not None
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        options = [word.partition("=")[0] for word in before_the_program(arguments) if word.startswith("-")]
        assert {option for option in options if option != "-"} <= {*known, "--help", "-h"}, match["command"]


def before_the_program(arguments: list[str]) -> Iterator[str]:
    """What stands in front of `--`, behind which another program has its own options."""
    for argument in arguments:
        if argument == "--":
            return
        yield argument


@page
def test_python_is_python_toml_is_toml_and_so_on(path: Path) -> None:
    for code in blocks(path, "python"):
        ast.parse(code)
    for code in blocks(path, "toml"):
        tomllib.loads(code)
    for code in blocks(path, "json"):
        json.loads(code)
    for code in blocks(path, "yaml"):
        yaml.safe_load(code)


@page
def test_settings_that_are_shown_are_accepted(path: Path) -> None:
    for code in blocks(path, "toml"):
        table = tomllib.loads(code).get("tool", {}).get("cachelint")
        if table is not None:
            Settings(**read_table(Settings, table))


def test_the_program_on_the_page_about_caching_caches(cachelint: Laboratory) -> None:
    (code,) = blocks(ROOT / "docs" / "prompt-caching.md", "python")
    with cachelint.capture() as requests:
        exec(compile(code, "prompt-caching.md", "exec"), {})
    requests.assert_stable_prefix()
    assert [call.usage.read > 0 for call in requests if call.usage] == [False, True]


def test_tracking_works_as_shown(cachelint: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHELINT_LOG", str(tmp_path / "usage.jsonl"))
    for path in (ROOT / "README.md", ROOT / "docs" / "tracking.md"):
        (code,) = [code for code in blocks(path, "python") if "cachelint.track(" in code]
        names: dict[str, object] = {}
        try:
            exec(compile(code, path.name, "exec"), names)
        finally:
            __import__("cachelint").uninstall()
        with cachelint.capture():
            names["client"].messages.create(  # type: ignore[attr-defined]
                model="claude-opus-5-5", max_tokens=9, messages=[{"role": "user", "content": "hello"}]
            )
    assert len((tmp_path / "usage.jsonl").read_text().splitlines()) == 2


def test_the_tests_that_are_shown_pass(tmp_path: Path) -> None:
    (tmp_path / "my_agent.py").write_text(AGENT)
    for number, path in enumerate((ROOT / "README.md", ROOT / "docs" / "testing.md")):
        (code,) = [code for code in blocks(path, "python") if "def test_" in code]
        (tmp_path / f"test_shown_{number}.py").write_text(f"import my_agent\n\n{code}")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in run.stdout, run.stdout


AGENT = """\
import anthropic

RULES = "You answer questions about tents. " * 300
CACHED = {"type": "ephemeral"}


def run(question):
    system = [{"type": "text", "text": RULES, "cache_control": CACHED}]
    messages = [{"role": "user", "content": question}]
    anthropic.Anthropic().messages.create(
        model="claude-opus-5-5", max_tokens=100, system=system, messages=messages, cache_control=CACHED
    )
"""
