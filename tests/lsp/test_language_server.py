"""The language server as an editor meets it: a process, spoken with over its standard streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest
from editor import Editor, position, start, text_in, with_edits
from lsprotocol import types

CLOCK = """\
from datetime import UTC, datetime


def now_text():
    return datetime.now(UTC).isoformat()
"""

AGENT = """\
import anthropic
from clock import now_text

RULES = "You answer questions about tents. " * 300
TOPICS = {"tents", "stoves"}


def ask(question):
    return anthropic.Anthropic().messages.create(
        model="claude-opus-5-5",
        max_tokens=100,
        system=[{"type": "text", "text": RULES + "/".join(TOPICS), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""
SET = '{"tents", "stoves"}'
SORTED = AGENT.replace("join(TOPICS)", "join(sorted(TOPICS))")
TIMED = AGENT.replace('"/".join(TOPICS)', "now_text()")

Scenario = Callable[[Editor], Coroutine[None, None, None]]
Play = Callable[[Path, Scenario], None]


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """Runs a scenario in a folder; all with one server, as people who work in several projects have it."""
    with asyncio.Runner() as runner:
        editor = runner.run(start())

        def play_in(folder: Path, scenario: Scenario) -> None:
            editor.enter(folder)
            runner.run(scenario(editor))

        yield play_in
        assert runner.run(editor.quit()) == 0


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.cachelint]\n")
    (tmp_path / "clock.py").write_text(CLOCK)
    (tmp_path / "agent.py").write_text(AGENT)
    return tmp_path.resolve()


def codes(diagnostics: list[types.Diagnostic]) -> list[int | str | None]:
    return [diagnostic.code for diagnostic in diagnostics]


def everywhere(text: str) -> types.Range:
    return types.Range(types.Position(0, 0), position(text, len(text)))


def test_a_problem_is_shown_fixed_and_gone(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        (shown,) = await it.diagnostics("agent.py")
        assert (shown.code, shown.source, shown.severity) == ("CL201", "cachelint", types.DiagnosticSeverity.Warning)
        assert text_in(AGENT, shown.range) == SET
        assert shown.code_description is not None
        assert shown.code_description.href.endswith("/rules/CL201-set-order-in-prefix.md")

        fix, *_ = await it.actions("agent.py", shown.range)
        assert (fix.title, fix.kind, fix.is_preferred) == (
            "CL201: Sort the set where it becomes a sequence",
            types.CodeActionKind.QuickFix,
            True,
        )
        assert fix.diagnostics == (shown,)
        it.apply(fix)
        assert it.texts["agent.py"] == SORTED
        assert await it.diagnostics("agent.py") == ()

    play(project, scenario)


def test_what_is_typed_counts_not_what_is_on_disk(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        it.replace("agent.py", SORTED)
        assert await it.diagnostics("agent.py") == ()
        it.type("agent.py", "RULES + ", "RULES + now_text() + ")
        assert await it.diagnostics("agent.py") == ()
        (clock,) = (await it.publication(it.uri("clock.py"))).diagnostics
        assert clock.code == "CL101"

        it.open("clock.py")
        assert codes(await it.diagnostics("clock.py")) == ["CL101"]
        it.type("clock.py", "datetime.now(UTC).isoformat()", "'noon'")
        assert await it.diagnostics("clock.py") == ()

    play(project, scenario)


def test_the_path_is_related_information(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        (project / "agent.py").write_text(TIMED)
        it.open("clock.py")
        (shown,) = await it.diagnostics("clock.py")
        assert shown.message.splitlines()[0].startswith("`datetime.now(UTC)` is rendered into system[0]")
        assert shown.related_information is not None
        steps = [(Path(step.location.uri).name, step.message) for step in shown.related_information]
        assert steps == [
            ("agent.py", "returned by now_text()"),
            ("agent.py", "added to the text, after 10,200 stable characters"),
            ("agent.py", "anthropic.Anthropic().messages.create(…), as system[0]"),
        ]
        assert text_in(TIMED, shown.related_information[0].location.range) == "now_text()"

    play(project, scenario)


def test_the_rule_is_a_hover_on_its_range(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        (shown,) = await it.diagnostics("agent.py")
        hover = await it.hover("agent.py", shown.range.start)
        assert hover is not None
        assert hover.range == shown.range
        assert isinstance(hover.contents, types.MarkupContent)
        text = hover.contents.value
        assert text.startswith("**CL201 set-order-in-prefix**: ")
        assert [line for line in text.splitlines() if line.startswith("**")][1:] == [
            "**What it flags**",
            "**Why it breaks the cache**",
            "**Fix**",
            "**When it is fine**",
        ]
        assert "```" not in text
        assert await it.hover("agent.py", types.Position(0, 0)) is None

    play(project, scenario)


def test_a_syntax_error_while_typing_is_no_news(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        it.open("clock.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        it.type("agent.py", "def ask(question):", "def ask(question:")
        await it.diagnostics("clock.py")
        it.type("clock.py", "datetime.now(UTC).isoformat()", "'noon'")
        await it.diagnostics("clock.py")
        assert [params.uri for params in it.published if params.uri == it.uri("agent.py")] == []
        assert await it.actions("agent.py", everywhere(AGENT)) == []
        it.type("agent.py", "def ask(question:", "def ask(question):")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        assert it.messages == []

    play(project, scenario)


def test_a_file_that_never_was_python_shows_nothing(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py", "import anthropic\nanthropic.Anthropic().messages.create(")
        it.open("clock.py")
        assert await it.diagnostics("clock.py") == ()
        assert [params.uri for params in it.published if params.uri == it.uri("agent.py")] == []

    play(project, scenario)


def test_a_suppression_is_an_action(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        (shown,) = await it.diagnostics("agent.py")
        actions = await it.actions("agent.py", shown.range)
        (suppression,) = [action for action in actions if action.title == "CL201: Suppress by a comment"]
        it.apply(suppression)
        assert f"TOPICS = {SET}  # cachelint: ignore[CL201] reason\n" in it.texts["agent.py"]
        assert await it.diagnostics("agent.py") == ()

        it.type("agent.py", "join(TOPICS)", "join(sorted(TOPICS))")
        (unused,) = await it.diagnostics("agent.py")
        assert (unused.code, unused.tags) == ("CL901", (types.DiagnosticTag.Unnecessary,))
        (remove,) = await it.actions("agent.py", unused.range, only=[types.CodeActionKind.QuickFix.value])
        it.apply(remove)
        assert it.texts["agent.py"] == SORTED

    play(project, scenario)


def test_unsafe_fixes_say_so_and_are_not_preferred(project: Path, play: Play) -> None:
    seeded = AGENT.replace('"/".join(TOPICS)', "TABLE.sample(3).to_string()").replace("TOPICS = {", "X = {")
    source = f"import pandas\n{seeded.replace('def ask', 'TABLE = pandas.read_csv(chr(97))')}"
    source = f"import pandas\n{seeded}".replace("def ask(question):", "def ask(question, TABLE: pandas.DataFrame):")

    async def scenario(it: Editor) -> None:
        it.open("agent.py", source)
        (shown,) = await it.diagnostics("agent.py")
        assert shown.code == "CL103"
        fix, _ = await it.actions("agent.py", shown.range)
        assert fix.title.endswith("(unsafe: may change what is sent)")
        assert fix.is_preferred is None

    play(project, scenario)


def test_all_safe_fixes_at_once_for_a_setting_that_fixes_on_save(project: Path, play: Play) -> None:
    twice = AGENT.replace("TOPICS = ", "OTHERS = {'ropes', 'maps'}\nTOPICS = ").replace(
        '"/".join(TOPICS)', '"/".join(TOPICS) + "|".join(OTHERS)'
    )

    async def scenario(it: Editor) -> None:
        it.open("agent.py", twice)
        assert codes(await it.diagnostics("agent.py")) == ["CL201", "CL201"]
        (fix_all,) = await it.actions("agent.py", everywhere(twice), only=["source.fixAll.cachelint"])
        assert (fix_all.title, fix_all.kind) == ("cachelint: Apply all safe fixes", "source.fixAll.cachelint")
        it.apply(fix_all)
        fixed = twice.replace("join(TOPICS)", "join(sorted(TOPICS))").replace("join(OTHERS)", "join(sorted(OTHERS))")
        assert it.texts["agent.py"] == fixed
        assert await it.diagnostics("agent.py") == ()
        assert [each.kind for each in await it.actions("agent.py", everywhere(twice))] == []

    play(project, scenario)


def test_places_are_counted_in_utf_16(project: Path, play: Play) -> None:
    emoji = AGENT.replace('"/".join(TOPICS)', '"🏕🏕" + "/".join(TOPICS)')
    form_feed = "# a page \f and a line\u2028separator stand in this comment\n" + emoji

    async def scenario(it: Editor) -> None:
        it.open("agent.py", form_feed)
        (shown,) = await it.diagnostics("agent.py")
        assert text_in(form_feed, shown.range) == SET
        it.type("agent.py", '"🏕🏕"', '"🏕a🏕"')
        (shown,) = await it.diagnostics("agent.py")
        assert text_in(it.texts["agent.py"], shown.range) == SET
        fix, *_ = await it.actions("agent.py", shown.range)
        it.apply(fix)
        assert '"🏕a🏕" + "/".join(sorted(TOPICS)), "cache' in it.texts["agent.py"]

    play(project, scenario)


def test_settings_are_read_again_when_they_change(project: Path, play: Play) -> None:
    settings = project / "pyproject.toml"

    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        assert "**/pyproject.toml" in it.watched

        settings.write_text('[tool.cachelint]\nignore = ["CL201"]\n')
        it.changed_on_disk("pyproject.toml")
        assert await it.diagnostics("agent.py") == ()

        settings.write_text('[tool.cachelint]\nignore = ["CL9999"]\n')
        it.changed_on_disk("pyproject.toml")
        assert "CL9999" in await it.message()

        settings.write_text("[tool.cachelint]\n")
        it.changed_on_disk("pyproject.toml")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]

    play(project, scenario)


def test_settings_that_are_no_toml_are_reported_once(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        (project / "pyproject.toml").write_text("[tool.cachelint\n")
        it.changed_on_disk("pyproject.toml")
        assert "pyproject.toml" in await it.message()
        it.type("agent.py", "tents. ", "tents! ")
        await asyncio.sleep(2)
        assert it.messages == []

    play(project, scenario)


def test_a_baseline_and_excluded_files_are_respected(project: Path, play: Play) -> None:
    (project / "vendor").mkdir()
    (project / "vendor" / "agent.py").write_text(AGENT)
    (project / "pyproject.toml").write_text('[tool.cachelint]\nexclude = ["vendor"]\n')

    async def scenario(it: Editor) -> None:
        it.open("vendor/agent.py")
        it.open("agent.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        assert [params.diagnostics for params in it.published if params.uri == it.uri("vendor/agent.py")] in ([], [()])

    play(project, scenario)


def test_a_closed_file_has_no_diagnostics(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        assert codes(await it.diagnostics("agent.py")) == ["CL201"]
        it.close("agent.py")
        assert await it.diagnostics("agent.py") == ()

    play(project, scenario)


def test_a_new_file_that_is_not_on_disk_is_checked(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("other.py", AGENT)
        assert codes(await it.diagnostics("other.py")) == ["CL201"]

    play(project, scenario)


def test_only_the_last_of_many_changes_is_answered(project: Path, play: Play) -> None:
    async def scenario(it: Editor) -> None:
        it.open("agent.py")
        for letter in "typing fast":
            it.type("agent.py", "about tents", f"about tents{letter}")
            await asyncio.sleep(0.02)
        publication = await it.publication(it.uri("agent.py"))
        assert publication.version == it.version
        assert codes(list(publication.diagnostics)) == ["CL201"]

    play(project, scenario)


def test_cells_of_a_notebook(project: Path, play: Play) -> None:
    question = AGENT.replace("from clock import now_text\n", "").replace(f"TOPICS = {SET}\n", "")
    cells = ["# Notes", f"TOPICS = {SET}\n%time", question]

    async def scenario(it: Editor) -> None:
        it.open_notebook("book.ipynb", cells)
        (shown,) = (await it.publication(it.cell_uri("book.ipynb", 1))).diagnostics
        assert (shown.code, text_in(cells[1], shown.range)) == ("CL201", SET)

        fix, *_ = await it.actions(it.cell_uri("book.ipynb", 1), shown.range)
        assert fix.edit is not None
        assert fix.edit.document_changes is not None
        (edit,) = fix.edit.document_changes
        assert isinstance(edit, types.TextDocumentEdit)
        assert edit.text_document.uri == it.cell_uri("book.ipynb", 2)
        assert "join(sorted(TOPICS))" in with_edits(cells[2], list(edit.edits))

        it.change_notebook("book.ipynb", delete=1)
        (moved,) = (await it.publication(it.cell_uri("book.ipynb", 1))).diagnostics
        assert moved == shown
        it.change_cell("book.ipynb", 1, f"TOPICS = sorted({SET})")
        assert (await it.publication(it.cell_uri("book.ipynb", 1))).diagnostics == ()

    play(project, scenario)
