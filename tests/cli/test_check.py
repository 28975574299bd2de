"""`cachelint check` on a small project: what is printed where, and which exit code follows."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cachelint.cli import main

PROMPTS = """\
from datetime import datetime


def system_prompt() -> str:
    return f"You answer questions. It is {datetime.now()}."
"""

AGENT = """\
import anthropic

from app.prompts import system_prompt

client = anthropic.Anthropic()


def ask(question: str) -> str:
    return client.messages.create(
        model="claude-opus-4-8",
        max_tokens=100,
        system=[{"type": "text", "text": system_prompt(), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a package whose agent caches a prompt with the time in it."""
    package = tmp_path / "app"
    package.mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\n')
    (package / "__init__.py").touch()
    (package / "prompts.py").write_text(PROMPTS)
    (package / "agent.py").write_text(AGENT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


BASELINE_HINT = '`baseline = "baseline.json"` under [tool.cachelint] makes every run use it.\n'


class Run:
    """A run of `cachelint check`."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["check", *arguments])
        self.code = ended.value.code
        self.out, self.err = capsys.readouterr()

    @property
    def places(self) -> list[str]:
        """Code and place of each finding of `--output-format concise`."""
        lines = [line.split(" ") for line in self.out.splitlines()[:-1]]
        return [f"{code} {place.rstrip(':')}" for place, code, *_ in lines]


Capture = pytest.CaptureFixture[str]


def test_findings_fail_the_run(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--output-format", "concise")
    assert (run.places, run.code, run.err) == (["CL101 app/prompts.py:5:43"], 1, "")


def test_text_shows_source_path_and_advice(project: Path, capsys: Capture) -> None:
    out = Run(capsys).out
    assert "app/prompts.py:5:43: CL101 clock-in-prefix  [error, changes on every request]" in out
    assert '    5 |     return f"You answer questions. It is {datetime.now()}."\n' in out
    assert "app/agent.py:9" in out
    assert "cachelint explain CL101" in out


def test_nothing_found_is_success(project: Path, capsys: Capture) -> None:
    (project / "app" / "prompts.py").write_text("def system_prompt() -> str:\n    return 'Stable.'\n")
    run = Run(capsys, "--ignore", "CL6")
    assert run.code == 0
    assert run.out.startswith("No problems in 1 request; ")


@pytest.mark.parametrize("name", ["concise", "github", "gitlab", "json", "jsonl", "junit", "markdown", "sarif", "text"])
def test_no_format_changes_the_exit_code(project: Path, capsys: Capture, name: str) -> None:
    assert Run(capsys, "--output-format", name).code == 1
    assert Run(capsys, "--output-format", name, "--exit-zero").code == 0


def test_machine_formats_leave_the_summary_to_standard_error(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--output-format", "json")
    (finding,) = json.loads(run.out)
    assert (finding["code"], finding["filename"], finding["location"]) == (
        "CL101",
        "app/prompts.py",
        {"row": 5, "column": 43},
    )
    assert finding["request"]["filename"] == "app/agent.py"
    assert run.err.startswith("Found 1 problem (1 error) in 1 of 1 request; ")


def test_an_output_file(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--output-format", "sarif", "--output-file", "findings.sarif")
    assert (run.code, run.out) == (1, "")
    assert json.loads((project / "findings.sarif").read_text())["version"] == "2.1.0"


def test_files_given_are_the_scope_while_the_project_is_followed(project: Path, capsys: Capture) -> None:
    assert Run(capsys, "--output-format", "concise", "app/prompts.py").places == ["CL101 app/prompts.py:5:43"]
    assert Run(capsys, "--output-format", "concise", "app/__init__.py").places == []


def test_paths_are_shown_from_the_working_folder(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "app")
    assert Run(capsys, "--output-format", "concise").places == ["CL101 prompts.py:5:43"]


def test_selection(project: Path, capsys: Capture) -> None:
    assert Run(capsys, "--select", "CL2").code == 0
    assert Run(capsys, "--ignore", "clock-in-prefix").code == 0
    assert Run(capsys, "--ignore", "CL1", "--extend-select", "CL101").code == 1


def test_settings_of_the_project(project: Path, capsys: Capture) -> None:
    (project / "cachelint.toml").write_text('per-file-ignores = {"app/prompts.py" = ["CL101"]}')
    assert Run(capsys).code == 0


def test_a_comment_on_the_path_suppresses(project: Path, capsys: Capture) -> None:
    agent = project / "app" / "agent.py"
    agent.write_text(AGENT.replace("create(", "create(  # cachelint: ignore[CL101] once a day"))
    run = Run(capsys)
    assert run.code == 0
    assert "1 suppressed." in run.out


def test_an_unused_comment_is_reported(project: Path, capsys: Capture) -> None:
    (project / "app" / "__init__.py").write_text("NAME = 'app'  # cachelint: ignore[CL101] not needed\n")
    assert "CL901 app/__init__.py:1:15" in Run(capsys, "--output-format", "concise").places


def test_a_baseline_makes_only_new_findings_fail(project: Path, capsys: Capture) -> None:
    adopted = Run(capsys, "--baseline", "baseline.json", "--write-baseline")
    assert (adopted.code, adopted.out, adopted.err) == (0, "", "Wrote 1 finding to baseline.json.\n" + BASELINE_HINT)
    assert Run(capsys, "--baseline", "baseline.json").code == 0

    (project / "app" / "prompts.py").write_text(PROMPTS.replace("It is", "{datetime.now():%d} It is"))
    again = Run(capsys, "--baseline", "baseline.json")
    assert again.code == 1
    assert "note: 1 finding of the baseline no longer found" in again.err


def test_what_was_not_checked_stays_in_the_baseline(project: Path, capsys: Capture) -> None:
    """As a hook runs it, on some files only: nothing else is gone, and writing the baseline loses nothing."""
    (project / "app" / "other.py").write_text(PROMPTS + AGENT.replace("from app.prompts import system_prompt\n", ""))
    baseline = ("--baseline", "baseline.json")
    assert Run(capsys, *baseline, "--write-baseline").err.startswith("Wrote 2 findings to baseline.json.")
    (project / "app" / "other.py").write_text("")
    for asked in (("app/prompts.py",), ("--select", "CL2"), ("--since", "HEAD")):
        if asked[0] == "--since":
            subprocess.run(["git", "init", "-q"], check=True)
            identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
            subprocess.run(["git", "add", "app/agent.py"], check=True)
            subprocess.run(["git", *identity, "commit", "-qm", "Start"], check=True)
        assert "no longer found" not in Run(capsys, *baseline, *asked).err
    assert "1 finding of the baseline no longer found" in Run(capsys, *baseline, "app/other.py").err
    written = Run(capsys, *baseline, "--write-baseline", "app/prompts.py").err
    assert written.startswith("Wrote 1 finding to baseline.json, beside 1 finding of what was not checked.")
    assert Run(capsys, *baseline, "--write-baseline").err.startswith("Wrote 1 finding to baseline.json.")


def test_a_selection_of_nothing_says_so(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--select", "CL1", "--ignore", "CL1")
    assert (run.code, run.err) == (0, "note: no rule is selected: `ignore` leaves out all that `select` names\n")


def test_files_that_are_no_source_are_left_out_with_a_word(project: Path, capsys: Capture) -> None:
    """As when all changed files are passed on, or a script has no suffix."""
    (project / "README.md").write_text("# App\n")
    (project / "tool").write_text("#!/usr/bin/env python\nprint()\n")
    run = Run(capsys, "README.md", "tool", "app/prompts.py", "--output-format", "concise")
    assert (run.places, run.code) == (["CL101 app/prompts.py:5:43"], 1)
    assert run.err == "note: README.md and 1 more file left out: only .py, .pyi, .ipynb files are checked\n"
    assert Run(capsys, "tool").code == 0


def test_a_finding_in_a_file_that_sends_nothing_itself(project: Path, capsys: Capture) -> None:
    assert "Found 1 problem (1 error) in 1 request; 1 file in" in Run(capsys, "app/prompts.py").out


def test_a_baseline_named_in_the_settings(project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "cachelint.toml").write_text('baseline = "known.json"')
    monkeypatch.chdir(project / "app")
    assert Run(capsys, "--write-baseline").code == 0
    assert (project / "known.json").exists()
    assert Run(capsys).code == 0


def test_comments_written_for_everything_found(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--add-ignores", "known since 2026")
    assert (run.code, run.out, run.err) == (0, "", "Added 1 comment to 1 file.\n")
    assert (project / "app" / "prompts.py").read_text() == PROMPTS.replace(
        '}."\n', '}."  # cachelint: ignore[CL101] known since 2026\n'
    )
    assert Run(capsys).code == 0


def test_since_reports_what_a_change_touches(project: Path, capsys: Capture) -> None:
    git = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Start"]):
        subprocess.run([*git, *command], check=True)
    assert Run(capsys, "--since", "HEAD").code == 0
    (project / "app" / "agent.py").write_text(AGENT.replace("ask(question: str)", "ask(question: object)"))
    assert Run(capsys, "--since", "HEAD").code == 0
    (project / "app" / "prompts.py").write_text(PROMPTS.replace("questions", "mails"))
    assert Run(capsys, "--since", "HEAD").code == 1


def test_statistics(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--statistics")
    assert run.code == 1
    assert run.out.startswith("1  CL101  clock-in-prefix")
    counted = json.loads(Run(capsys, "--statistics", "--output-format", "json").out)
    assert [(row["count"], row["code"]) for row in counted] == [(1, "CL101")]


def test_requests_as_the_analyzer_sees_them(project: Path, capsys: Capture) -> None:
    run = Run(capsys, "--show-requests")
    assert run.code == 0
    assert run.out.startswith("app/agent.py:9: ")
    assert "messages.create  [claude-opus-4-8]\n" in run.out
    assert "breakpoint 5m" in run.out
    (request,) = json.loads(Run(capsys, "--show-requests", "--output-format", "json").out)
    assert [block["position"] for block in request["blocks"]][:1] == ["system[0]"]


def test_standard_input(project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = PROMPTS.replace("questions", "mails").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(edited)))
    run = Run(capsys, "--output-format", "concise", "-", "--stdin-filename", "app/prompts.py")
    assert run.places == ["CL101 app/prompts.py:5:39"]


def test_standard_input_for_a_file_that_is_not_saved_yet(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "app")
    (project / "app" / "agent.py").unlink()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(AGENT.encode())))
    run = Run(capsys, "--output-format", "concise", "-", "--stdin-filename", "new.py")
    assert run.places == ["CL101 prompts.py:5:43"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.py"], "error: no such file or folder: nowhere.py\n"),
        (["--select", "CL999"], "error: select (command line): unknown rule `CL999`"),
        (["--baseline", "nowhere.json"], "error: nowhere.json: No such file or directory; `--baseline nowhere.json"),
        (["--write-baseline"], "error: --write-baseline needs to know the file: --baseline FILE --write-baseline\n"),
        (["--stdin-filename", "a.py"], "error: --stdin-filename goes with the path `-`\n"),
        (["-", "app"], "error: `-` reads standard input and cannot stand beside other paths\n"),
        (
            ["--baseline", "known.json", "--write-baseline", "--since", "HEAD"],
            "error: --write-baseline keeps everything found, and --since leaves out most of it\n",
        ),
        (["-", "--stdin-filename", "tool"], "error: --stdin-filename tool: only .py, .pyi, .ipynb files are checked\n"),
        (["--statistics", "--output-format", "sarif"], "error: --statistics prints text or json, not sarif\n"),
        (["--output-file", "no/where"], "error: no/where: No such file or directory\n"),
    ],
)
def test_mistakes(project: Path, capsys: Capture, arguments: list[str], complaint: str) -> None:
    run = Run(capsys, *arguments)
    assert (run.code, run.out) == (2, "")
    assert complaint in run.err
