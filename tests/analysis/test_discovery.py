"""Which files a folder that is no checkout has: those that its `.gitignore` files leave."""

from __future__ import annotations

from pathlib import Path

from cachelint.analysis.discovery import discover
from cachelint.config import Settings


def names(root: Path, files: dict[str, str]) -> list[str]:
    """The Python files that are found when `files` are there."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return sorted(discover(root, [root], Settings())[1])


def test_a_name_is_ignored_at_any_depth_and_a_path_at_its_place(tmp_path: Path) -> None:
    files = {".gitignore": "drafts/\n/old.py\ngen*.py\nlib/x.py\n**/deep/y.py\n# a.py\n"}
    files |= dict.fromkeys(("a.py", "old.py", "sub/old.py", "sub/gen1.py", "sub/drafts/b.py", "drafts.py"), "")
    files |= dict.fromkeys(("lib/x.py", "sub/lib/x.py", "sub/deep/y.py", "sub/deep/z.py"), "")
    assert names(tmp_path, files) == ["a.py", "drafts.py", "sub/deep/z.py", "sub/lib/x.py", "sub/old.py"]


def test_the_last_rule_counts_and_an_inner_file_comes_last(tmp_path: Path) -> None:
    files = {".gitignore": "*_pb2.py\n!kept_pb2.py\n", "inner/.gitignore": "!*_pb2.py\nown.py\n"}
    files |= dict.fromkeys(("a_pb2.py", "kept_pb2.py", "inner/a_pb2.py", "inner/own.py", "own.py"), "")
    assert names(tmp_path, files) == ["inner/a_pb2.py", "kept_pb2.py", "own.py"]


def read_for(root: Path, targets: list[str], files: list[str]) -> list[str]:
    """What is read of `files` when `targets` are checked in a folder that may be no project."""
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return sorted(discover(root, [root / target for target in targets], Settings())[0])


HOME = ["a.py", "lib/b.py", ".local/c.py", "one/.git/HEAD", "one/d.py", "one/tools/setup.py", "one/tools/e.py"]
HOME += ["two/pyproject.toml", "two/src/f.py", "three/cachelint.toml", "three/g.py"]


def test_a_file_in_a_folder_that_is_no_project_has_nothing_to_do_with_the_projects_below_it(tmp_path: Path) -> None:
    assert read_for(tmp_path, ["a.py"], HOME) == ["a.py", "lib/b.py"]
    assert read_for(tmp_path, ["a.py", "one/d.py"], HOME) == ["a.py", "lib/b.py", "one/d.py"]
    assert read_for(tmp_path, ["two/src/f.py", "three/g.py"], HOME) == [
        "a.py",
        "lib/b.py",
        "three/g.py",
        "two/src/f.py",
    ]
    assert read_for(tmp_path, ["one", ".local/c.py"], HOME) == [
        ".local/c.py", "a.py", "lib/b.py", "one/d.py", "one/tools/e.py", "one/tools/setup.py",
    ]  # fmt: skip


def test_a_folder_that_is_named_is_read_with_all_projects_below_it(tmp_path: Path) -> None:
    assert read_for(tmp_path, ["."], HOME) == [name for name in sorted(HOME) if name.endswith(".py")]


def test_projects_inside_a_project_belong_to_it(tmp_path: Path) -> None:
    files = ["pyproject.toml", "a.py", "packages/one/setup.py", "packages/one/b.py", ".ci/c.py"]
    assert read_for(tmp_path, ["a.py"], files) == [".ci/c.py", "a.py", "packages/one/b.py", "packages/one/setup.py"]
