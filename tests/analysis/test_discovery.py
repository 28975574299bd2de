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
