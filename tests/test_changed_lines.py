"""`--since`: a finding counts when anything on its path stands on a changed line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cachelint.changed_lines import changed_lines
from cachelint.errors import InputError
from cachelint.findings import Confidence, Finding, FlowStep, Location, Severity

Git = Callable[..., None]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a committed file of five lines, in a folder whose name git would quote."""
    folder = tmp_path / "projekt ü"
    folder.mkdir()
    run(folder, "init", "-q")
    (folder / "app.py").write_text("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n")
    run(folder, "add", ".")
    run(folder, "commit", "-qm", "Start")
    return folder


def run(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def touched(folder: Path, filename: str, *rows: int) -> list[int]:
    """Those of `rows` where a finding would be reported."""
    changed = changed_lines(folder, "HEAD")
    return [row for row in rows if changed.touch(finding(Location(filename, row, 1, row, 2)))]


def finding(location: Location, *path: Location) -> Finding:
    steps = tuple(FlowStep(step, "passed on") for step in path)
    return Finding("CL101", "name", Severity.ERROR, Confidence.HIGH, "It varies.", location, flow=steps)


def test_changed_and_added_lines(project: Path) -> None:
    (project / "app.py").write_text("a = 1\nb = now()\nc = 3\nd = 4\ne = 5\nf = 6\n")
    assert touched(project, "app.py", 1, 2, 3, 5, 6) == [2, 6]


def test_a_deletion_touches_its_neighbours(project: Path) -> None:
    (project / "app.py").write_text("a = 1\nb = 2\nd = 4\ne = 5\n")
    assert touched(project, "app.py", 1, 2, 3, 4) == [2, 3]


def test_new_files_count_as_a_whole(project: Path) -> None:
    (project / "neu ä.py").write_text("a = 1\n")
    (project / "added.py").write_text("a = 1\n")
    run(project, "add", "added.py")
    assert touched(project, "neu ä.py", 1) == [1]
    assert touched(project, "added.py", 1) == [1]


def test_a_changed_place_of_the_path_counts(project: Path) -> None:
    (project / "app.py").write_text("a = 1\nb = 2\nc = 3\nd = 4\nsend(a)\n")
    old, new = Location("app.py", 1, 1, 1, 2), Location("app.py", 5, 1, 5, 2)
    assert changed_lines(project, "HEAD").touch(finding(old, new))
    assert not changed_lines(project, "HEAD").touch(finding(old))


def test_only_what_the_branch_did_counts(project: Path) -> None:
    run(project, "branch", "main-line")
    (project / "app.py").write_text("a = 1\nb = 2\nc = 3\nd = 4\ne = now()\n")
    run(project, "commit", "-qam", "Work")
    changed = changed_lines(project, "main-line")
    assert changed.rows == {"app.py": (range(5, 6),)}


def test_names_are_relative_to_the_root(project: Path) -> None:
    (project / "package").mkdir()
    (project / "package" / "new.py").write_text("a = 1\n")
    assert changed_lines(project / "package", "HEAD").rows == {"new.py": None}


def test_an_unknown_revision_is_refused(project: Path) -> None:
    with pytest.raises(InputError, match=r"^--since nowhere: fatal: Not a valid object name nowhere$"):
        changed_lines(project, "nowhere")


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--since HEAD: fatal: not a git repository"):
        changed_lines(tmp_path, "HEAD")
