"""The result cache: the same outcome without an analysis, and an analysis whenever anything has changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cachelint.analysis
import cachelint.result_cache
from cachelint.analysis import Analysis, analyze
from cachelint.analysis.outcome import Results, reported
from cachelint.cli import main
from cachelint.config import Settings, SourceDeclaration
from cachelint.fixing import fix_of
from cachelint.result_cache import FOLDER, cache_folder, snapshot
from cachelint.result_cache.build import build
from cachelint.result_cache.inputs import Files
from cachelint.result_cache.store import KEPT_OUTCOMES, Store

FIXTURES = Path(__file__).parents[2] / "fixtures"
PROGRAMS = sorted(
    path
    for group in ("idioms", "seeded", "fixes")
    for path in (FIXTURES / group).iterdir()
    if path.suffix == ".py" or path.is_dir()
)

AGENT = """\
import anthropic

from prompts import system_prompt


def ask(question):
    return anthropic.Anthropic().messages.create(
        model="claude-opus-4-8",
        max_tokens=100,
        system=[{"type": "text", "text": system_prompt(), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""
CLOCK = 'import time\n\n\ndef system_prompt():\n    return f"It is {time.time()}."\n'
STABLE = CLOCK.replace('f"', ' "')

READING = """\
from datetime import datetime
from pathlib import Path

from jinja2 import Template


def system_prompt():
    return Template(Path("prompt.md").read_text()).render(time=datetime.now())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: an agent with the time in its prompt."""
    monkeypatch.delenv("CACHELINT_CACHE_DIR", raising=False)
    (tmp_path / "pyproject.toml").write_text("[tool.cachelint]\n")
    (tmp_path / "agent.py").write_text(AGENT)
    (tmp_path / "prompts.py").write_text(CLOCK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[Analysis]:
    """The outcomes of the analyses that were made; what came from the cache is not among them."""
    made: list[Analysis] = []
    real = cachelint.analysis._results

    def results(root: Path, files: Files, scope: set[str], *arguments: Any) -> Results:
        found = real(root, files, scope, *arguments)
        made.append(reported(found.project, found.files, scope))
        return found

    monkeypatch.setattr(cachelint.analysis, "_results", results)
    return made


def checked(root: Path, settings: Settings | None = None, targets: tuple[str, ...] = (".",)) -> Analysis:
    """What a run with a cache says."""
    paths = [root / target for target in targets]
    return analyze(root, paths, settings or Settings(), fixer=fix_of, cache=cache_folder(root, None))


def codes(analysis: Analysis) -> list[str]:
    return [finding.code for finding in analysis.findings]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_program_has_the_same_outcome_from_the_cache(
    program: Path, tmp_path: Path, analysed: list[Analysis]
) -> None:
    (shutil.copytree if program.is_dir() else shutil.copy)(program, tmp_path / program.name)
    first, second = checked(tmp_path), checked(tmp_path)
    assert second == first
    assert len(analysed) == 1


class TestChanges:
    """Whatever may change the outcome is analysed."""

    def test_of_a_file(self, project: Path) -> None:
        assert codes(checked(project)) == ["CL101"]
        (project / "prompts.py").write_text(STABLE)
        assert codes(checked(project)) == ["CL601"]
        (project / "prompts.py").write_text(CLOCK)
        assert codes(checked(project)) == ["CL101"]

    def test_of_a_file_that_keeps_its_size_and_its_time(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(snapshot, "_SETTLED_NANOSECONDS", -(10**12))
        path = project / "prompts.py"
        assert len(CLOCK) == len(STABLE)
        times = path.stat()
        assert codes(checked(project)) == ["CL101"]
        path.write_text(STABLE)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert codes(checked(project)) == ["CL601"]

    def test_of_a_file_that_changed_a_moment_ago(self, project: Path) -> None:
        checked(project)
        assert Store(project / FOLDER, build()).index("states")
        assert not Store(project / FOLDER, build()).index("files")

    def test_while_the_analysis_runs(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = cachelint.analysis._results

        def results(*arguments: Any) -> Results:
            (project / "prompts.py").write_text(STABLE)
            return real(*arguments)

        monkeypatch.setattr(cachelint.analysis, "_results", results)
        assert codes(checked(project)) == ["CL101"]
        assert codes(checked(project)) == ["CL601"]

    def test_of_the_files(self, project: Path) -> None:
        checked(project)
        (project / "prompts.py").rename(project / "texts.py")
        assert codes(checked(project)) == []

    def test_of_a_text_that_a_program_reads(self, project: Path, analysed: list[Analysis]) -> None:
        (project / "prompts.py").write_text(READING)
        without = checked(project)
        for text, found in (("It is {{ time }}.", "CL101"), ("It is late.", "CL601"), ("It is {{ time }}.", "CL101")):
            (project / "prompt.md").write_text(text)
            assert codes(checked(project)) == codes(checked(project)) == [found]
        (project / "prompt.md").unlink()
        assert checked(project) == without
        assert len(analysed) == 3  # of each state of the template one

    def test_of_what_is_reported_on(self, project: Path) -> None:
        (project / "other.py").write_text("# cachelint: ignore[CL101]\n")
        assert checked(project).files == 3
        assert checked(project, targets=("agent.py",)).files == 1

    def test_of_a_setting_that_the_analysis_knows(self, project: Path, analysed: list[Analysis]) -> None:
        checked(project)
        checked(project, Settings(sources=(SourceDeclaration("prompts.system_prompt", code="CL106"),)))
        assert len(analysed) == 2

    def test_but_not_of_one_that_chooses_findings(self, project: Path, analysed: list[Analysis]) -> None:
        checked(project)
        checked(project, replace(Settings(), select=("CL2",), pedantic=True))
        assert len(analysed) == 1

    def test_but_not_of_a_time(self, project: Path, analysed: list[Analysis]) -> None:
        checked(project)
        os.utime(project / "prompts.py", (0, 0))
        checked(project)
        assert len(analysed) == 1


class TestWhatPlaysNoPart:
    """An analysis serves for every run in which nothing has changed that it has read, or asked for."""

    @pytest.fixture(autouse=True)
    def known(self, project: Path, analysed: list[Analysis]) -> None:
        """A project that was checked, with a file that plays no part and a call that is found by a search."""
        (project / "other.py").write_text("def other():\n    return 1\n")
        (project / "pack").mkdir()
        (project / "pack" / "caller.py").write_text('from agent import ask\n\n\ndef main():\n    ask("Hi")\n')
        checked(project)

    @staticmethod
    def alone(root: Path, *targets: str) -> Analysis:
        """What a run without a cache says."""
        return analyze(root, [root / target for target in targets or (".",)], Settings(), fixer=fix_of)

    @pytest.mark.parametrize("text", ["", "def other(:\n", "import agent\n", "messages = 'no prompt'\n", "asked = 1\n"])
    def test_edited(self, project: Path, analysed: list[Analysis], text: str) -> None:
        (project / "other.py").write_text(text)
        found = checked(project, targets=("other.py",)), checked(project)
        assert len(analysed) == 1
        assert found == (self.alone(project, "other.py"), self.alone(project))

    def test_added_moved_and_removed(self, project: Path, analysed: list[Analysis]) -> None:
        (project / "more.py").write_text("")
        assert checked(project).files == 5
        (project / "more.py").rename(project / "pack" / "moved.py")
        assert checked(project).files == 5
        (project / "other.py").unlink()
        assert checked(project).files == 4
        assert len(analysed) == 1

    @pytest.mark.parametrize("targets", [("agent.py",), ("prompts.py", "other.py"), ("other.py",), ("pack",)])
    def test_left_out_of_what_is_reported(
        self, project: Path, analysed: list[Analysis], targets: tuple[str, ...]
    ) -> None:
        found = checked(project, targets=targets)
        assert len(analysed) == 1
        assert found == self.alone(project, *targets)

    def test_with_something_to_find_by_itself(self, project: Path, analysed: list[Analysis]) -> None:
        slip = "def cost(usage):\n    return usage.input_tokens + usage.cache_read_input_tokens * 0.2\n"
        for text in (slip, f"# cachelint: ignore[CL703] for now\n{slip}", "# cachelint: ignore[CL101]\n"):
            (project / "other.py").write_text(text)
            found = [checked(project, targets=(target,)) for target in ("other.py", "agent.py", ".", "other.py")]
            assert found == [self.alone(project, target) for target in ("other.py", "agent.py", ".", "other.py")]
        # Only `alone` has analysed anything since: from the second text on, a file's own outcome is found by itself.
        assert len(analysed) == 1 + 3 * 4

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("other.py", 'from agent import ask\n\n\ndef other():\n    ask("Hi")\n'),
            ("time.py", "def time():\n    return 0\n"),
            ("other.py", AGENT),
            ("other.py", "import langchain_anthropic\n"),
            ("pack/prompts.py", STABLE),
        ],
        ids=["a caller", "a module that an import finds now", "a request", "a client", "a module that stays unseen"],
    )
    def test_and_what_does(self, project: Path, analysed: list[Analysis], name: str, text: str) -> None:
        (project / name).write_text(text)
        found = checked(project)
        assert len(analysed) == (1 if name.startswith("pack") else 2)
        assert found == self.alone(project)

    def test_is_known_again_without_comparing(
        self, project: Path, analysed: list[Analysis], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (project / "other.py").write_text("")
        first = checked(project)
        monkeypatch.setattr(Store, "traces", lambda *_: pytest.fail("compared"))
        assert checked(project) == first
        assert len(analysed) == 1


class TestTheFolder:
    """What becomes of it, and what it can do to a run: nothing."""

    @pytest.fixture(params=[b"", b"{}", b"\x00\xff", b"[" * 100_000])
    def damage(self, request: pytest.FixtureRequest) -> bytes:
        content = request.param
        assert isinstance(content, bytes)
        return content

    def test_damaged_files_are_replaced(self, project: Path, damage: bytes, analysed: list[Analysis]) -> None:
        first = checked(project)
        for path in (project / FOLDER).glob("*.json"):
            path.write_bytes(damage)
        assert checked(project) == first == checked(project)
        assert len(analysed) == 2

    def test_a_changed_byte_is_noticed(self, project: Path, analysed: list[Analysis]) -> None:
        first = checked(project)
        (outcome,) = (project / FOLDER).glob("outcome-*")
        outcome.write_bytes(outcome.read_bytes().replace(b"CL101", b"CL102"))
        assert checked(project) == first

    def test_what_another_version_has_written_is_not_taken(
        self, project: Path, analysed: list[Analysis], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = checked(project)
        for version in ("another", "again"):
            monkeypatch.setattr(cachelint.result_cache, "build", lambda version=version: version)
            assert checked(project) == first == checked(project)
        assert len(analysed) == 3

    def test_runs_may_share_it(self, project: Path) -> None:
        expected = checked(project)
        shutil.rmtree(project / FOLDER)
        command = [sys.executable, "-m", "cachelint", "check", "--output-format", "json", "--exit-zero"]
        for number in range(2):
            (project / "other.py").write_text(f"NUMBER = {number}\n")
            running = [subprocess.Popen([*command, name], stdout=subprocess.PIPE) for name in (".", ".", "prompts.py")]
            printed = [process.communicate()[0] for process in running]
            assert printed[0] == printed[1] == printed[2]
            assert b"CL101" in printed[0]
        assert checked(project).findings == expected.findings
        assert not list((project / FOLDER).glob("*.tmp"))

    def test_one_that_cannot_be_made_is_done_without(self, project: Path) -> None:
        (project / FOLDER).write_text("a file")
        assert checked(project) == checked(project)

    def test_version_control_leaves_it_alone(self, project: Path) -> None:
        checked(project)
        subprocess.run(["git", "init", "-q"], check=True)
        status = subprocess.run(["git", "status", "--porcelain"], check=True, capture_output=True, text=True)
        assert FOLDER not in status.stdout

    def test_it_stays_small(self, project: Path) -> None:
        for number in range(KEPT_OUTCOMES + 3):
            (project / "prompts.py").write_text(f"{CLOCK}# {number}\n")
            checked(project)
        assert len(list((project / FOLDER).glob("outcome-*"))) == KEPT_OUTCOMES

    def test_another_one_has_a_folder_for_each_project(self, tmp_path: Path) -> None:
        folders = [cache_folder(tmp_path / name, tmp_path / "cache") for name in ("one", "two")]
        assert [folder.parent for folder in folders] == [tmp_path / "cache"] * 2
        assert folders[0] != folders[1]


class TestTheCommand:
    """`cachelint check` with a cache."""

    @staticmethod
    def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
        """Exit code, output and messages, without times."""
        with pytest.raises(SystemExit) as ended:
            main(["check", *arguments])
        out, err = (re.sub(r"\d+\.\d+ s", "SECONDS", text) for text in capsys.readouterr())
        return ended.value.code, out, err

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--output-format", "json"),
            ("--output-format", "sarif"),
            ("--show-requests",),
            ("--statistics",),
            ("--diff",),
        ],
    )
    def test_prints_the_same(
        self, project: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], analysed: list[Analysis]
    ) -> None:
        (project / "late.py").write_text(
            AGENT.replace("messages=[", "# cachelint: ignore[CL101] why not\n        messages=[")
        )
        alone = self.run(capsys, "--no-cache", *arguments)
        assert not (project / FOLDER).exists()
        assert [self.run(capsys, *arguments) for _ in range(2)] == [alone, alone]

    def test_keeps_results_where_it_is_told_to(
        self, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.run(capsys, "--cache-dir", "elsewhere")
        monkeypatch.setenv("CACHELINT_CACHE_DIR", "again")
        self.run(capsys)
        assert sorted(path.name for path in project.iterdir() if path.is_dir()) == ["again", "elsewhere"]

    def test_fixes_are_found_anew(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "prompts.py").write_text('def system_prompt():\n    return ", ".join({"a", "b"})\n')
        assert self.run(capsys)[0] == 1
        assert self.run(capsys, "--fix")[0] == 0
        assert "sorted(" in (project / "prompts.py").read_text()
        assert self.run(capsys)[0] == 0

    def test_imports_no_parser_for_what_is_known(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.run(capsys)
        program = (
            "import sys; from cachelint.cli import main\n"
            "try: main(['check'])\n"
            "finally: print(*sorted({'libcst', 'cachelint.analysis.engine'} & sys.modules.keys()), file=sys.stderr)"
        )
        finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (finished.returncode, finished.stderr) == (1, "\n")
        assert "CL101" in finished.stdout
