"""`cachelint check --fix` and `--diff` on a small project."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from cachelint.cli import main

AGENT = """\
import random
import anthropic

client = anthropic.Anthropic()
TOPICS = {"orders", "refunds", "repairs"}
EXAMPLES = ["a", "b", "c"]


def ask(question: str) -> object:
    topics = ", ".join(TOPICS)
    return client.messages.create(
        model="claude-opus-4-8",
        max_tokens=100,
        system=[{"type": "text", "text": f"Topics: {topics}", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""
SORTED = AGENT.replace('", ".join(TOPICS)', '", ".join(sorted(TOPICS))')
SAMPLED = SORTED.replace("sorted(TOPICS)", "random.sample(EXAMPLES, 2)")

DIFF = """\
--- agent.py
+++ agent.py
@@ -7,7 +7,7 @@
·
·
 def ask(question: str) -> object:
-    topics = ", ".join(TOPICS)
+    topics = ", ".join(sorted(TOPICS))
     return client.messages.create(
         model="claude-opus-4-8",
         max_tokens=100,
""".replace("·", " ")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file of the working folder; of the rules, those that vary are selected."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cachelint.toml").write_text('select = ["CL1", "CL2", "CL9"]')
    path = tmp_path / "agent.py"
    path.write_text(AGENT)
    return path


def run(capsys: Capture, *arguments: str) -> tuple[object, str, str]:
    """Exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_what_can_be_fixed_is_announced(agent: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys)
    assert code == 1
    assert "1 fixable with --fix." in out


def test_safe_fixes_are_applied_and_the_rest_is_reported(agent: Path, capsys: Capture) -> None:
    code, out, err = run(capsys, "--fix")
    assert (code, err) == (0, "")
    assert out.startswith("Fixed 1 problem. No problems in 1 request; ")
    assert agent.read_text() == SORTED


def test_unsafe_fixes_are_asked_for(agent: Path, capsys: Capture) -> None:
    agent.write_text(SAMPLED)
    code, out, _ = run(capsys, "--fix")
    assert code == 1
    assert "1 fixable with --fix --unsafe-fixes." in out
    assert agent.read_text() == SAMPLED

    assert run(capsys, "--fix", "--unsafe-fixes")[0] == 0
    assert agent.read_text() != SAMPLED


def test_a_diff_changes_nothing(agent: Path, capsys: Capture) -> None:
    assert run(capsys, "--diff") == (1, DIFF, "Would fix 1 problem.\n")
    assert agent.read_text() == AGENT
    assert run(capsys, "--diff", "--exit-zero")[0] == 0

    agent.write_text(SORTED)
    assert run(capsys, "--diff") == (0, "", "Would fix 0 problems.\n")


def test_unused_suppressions_are_removed(agent: Path, capsys: Capture) -> None:
    agent.write_text(SORTED.replace("sorted(TOPICS))", "sorted(TOPICS))  # cachelint: ignore[CL201] was a set"))
    assert run(capsys, "--fix")[0] == 0
    assert agent.read_text() == SORTED


def test_what_the_baseline_knows_is_not_fixed(agent: Path, capsys: Capture) -> None:
    run(capsys, "--baseline", "known.json", "--write-baseline")
    assert run(capsys, "--fix", "--baseline", "known.json")[0] == 0
    assert agent.read_text() == AGENT


def test_standard_input_is_printed_fixed(agent: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in (AGENT, SORTED):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
        code, out, _ = run(capsys, "--fix", "-", "--stdin-filename", "agent.py")
        assert (code, out) == (0, SORTED)
    assert agent.read_text() == AGENT


def test_unsafe_fixes_alone_do_nothing_and_say_so(agent: Path, capsys: Capture) -> None:
    assert run(capsys, "--unsafe-fixes") == (2, "", "error: --unsafe-fixes goes with --fix or --diff\n")
