"""A failed assertion names the line to change, where the analyzer finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachelint.testing.blame import blamed_lines

PROGRAM = """\
from datetime import datetime

import anthropic

client = anthropic.Anthropic()


def answer(question):
    now = datetime.now()
    return client.messages.create(
        model="claude-opus-5",
        max_tokens=99,
        system=[{"type": "text", "text": f"It is {now}.", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)


def test_the_finding_about_the_request_is_named() -> None:
    assert list(blamed_lines("program.py:10")) == ["program.py:9:11: CL101 clock-in-prefix: now = datetime.now()"]


def test_of_several_findings_only_the_suspects_are_named(tmp_path: Path) -> None:
    both = PROGRAM.replace("{now}", "{now}, {uuid4()}").replace(
        "import anthropic", "import anthropic\nfrom uuid import uuid4"
    )
    (tmp_path / "program.py").write_text(both)
    clock, identifier = blamed_lines("program.py:11")
    assert "CL101" in clock
    assert "CL102" in identifier
    assert list(blamed_lines("program.py:11", ("CL101",))) == [clock]
    assert list(blamed_lines("program.py:11", ("CL102", "CL104"))) == [identifier]
    assert list(blamed_lines("program.py:11", ("CL2",))) == [clock, identifier]


@pytest.mark.parametrize("origin", [None, "program.py:3", "elsewhere.py:10", "nonsense"])
def test_nothing_is_named_for_any_other_line(origin: str | None) -> None:
    assert list(blamed_lines(origin)) == []


def test_a_test_fails_for_its_own_reason_even_if_the_analysis_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the analysis failed")

    monkeypatch.setattr("cachelint.analysis.analyze", fail)
    assert list(blamed_lines("program.py:10")) == []
