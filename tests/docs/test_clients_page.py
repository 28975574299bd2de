"""docs/clients.md: it lists the clients that are known, and what it shows of declarations works as it says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from cachelint.analysis import analyze_sources
from cachelint.clients import known_clients
from cachelint.config import Settings, load_settings
from cachelint.sink_declaration import SinkDeclaration
from cachelint.toml_table import entry_key

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")


def fenced(language: str) -> str:
    """The only block of a language."""
    [block] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def declared(tmp_path: Path) -> Settings:
    """The settings that the page shows."""
    (tmp_path / "pyproject.toml").write_text(fenced("toml"), encoding="utf-8")
    return load_settings(tmp_path)


def test_every_client_is_listed_with_what_is_followed() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE.partition("## Your own")[0], re.MULTILINE)
    listed = {name: covers for name, covers in rows if name not in ("client", "---")}
    assert listed == {client.name: client.covers for client in known_clients()}


def test_every_key_of_a_declaration_is_explained() -> None:
    explained = {
        key for row in re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE) for key in re.findall(r"`([^`]+)`", row)
    }
    assert explained >= {entry_key(entry) for entry in fields(SinkDeclaration)}


def test_what_is_declared_is_found(tmp_path: Path) -> None:
    program = fenced("python")
    expected = {
        (row, line.rpartition("# ")[2])
        for row, line in enumerate(program.splitlines(), 1)
        if re.search(r"# CL\d", line)
    }
    found = analyze_sources({"desk.py": program}, declared(tmp_path)).findings
    assert {(finding.location.row, finding.code) for finding in found} == expected


def test_without_the_declaration_nothing_is_known_of_it() -> None:
    assert analyze_sources({"desk.py": fenced("python")}).requests == ()


def test_the_declaration_is_valid_without_its_prefix_too(tmp_path: Path) -> None:
    table = tomllib.loads(fenced("toml"))["tool"]["cachelint"]
    assert len(table["sinks"]) == len(declared(tmp_path).sinks)
