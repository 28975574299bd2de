"""Small programs as people write them, and the whole text that fixing makes of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixed_programs import PROGRAMS, Program, assert_sound, program


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_a_program_is_fixed_as_a_person_would(folder: Path, request: pytest.FixtureRequest) -> None:
    before = program(folder / "before.py")
    fixed = before.fixed()
    after = folder / "after.py"
    if request.config.getoption("--update-snapshots"):
        after.write_text(fixed.texts["main.py"], encoding="utf-8")
    assert fixed.texts["main.py"] == after.read_text(encoding="utf-8")
    assert_sound(before, fixed)


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_without_unsafe_fixes_only_safe_ones_are_applied(folder: Path) -> None:
    before = program(folder / "before.py")
    fixed = before.fixed(unsafe=False)
    assert all(finding.fix is not None and finding.fix.safe for finding in fixed.applied)
    left = [finding for finding in before.after(fixed).offered() if finding.fix and finding.fix.safe]
    assert left == []


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_lines_keep_their_windows_ends(folder: Path) -> None:
    before = program((folder / "before.py").read_text(encoding="utf-8").replace("\n", "\r\n"))
    expected = (folder / "after.py").read_text(encoding="utf-8").replace("\n", "\r\n")
    assert before.fixed().texts["main.py"] == expected


def idioms() -> list[Path]:
    """The programs that show how real code builds prompts: files, or folders of several."""
    return sorted((Path(__file__).parents[2] / "fixtures" / "idioms").iterdir())


@pytest.mark.parametrize("path", idioms(), ids=lambda path: path.stem)
def test_fixes_of_real_idioms_are_sound(path: Path) -> None:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    before = Program({file.relative_to(path.parent).as_posix(): file.read_text(encoding="utf-8") for file in files})
    if before.offered():
        assert_sound(before, before.fixed())
