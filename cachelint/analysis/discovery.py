"""Which files a project has, and which of them are to be reported on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase, translate
from pathlib import Path

from cachelint.config import Settings
from cachelint.errors import InputError

SUFFIXES = (".py", ".ipynb")
MAXIMUM_FILE_BYTES = 4_000_000
"""Larger files are generated data; a 0.94 MB file already costs 245 MiB as a libcst tree."""

_SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "__pycache__", "node_modules", "site-packages",
     ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs", "build", "dist", ".ipynb_checkpoints", "__pypackages__",
     ".cachelint_cache")
)  # fmt: skip


def discover(root: Path, targets: Sequence[Path], settings: Settings) -> tuple[dict[str, Path | bytes], set[str]]:
    """All Python files below `root` by relative name, and the names of those that `targets` ask for.

    A file that is named itself is reported on even if it would be skipped.

    Raises:
        InputError: when a target does not exist or lies outside `root`.
    """
    root = root.resolve()
    files: dict[str, Path | bytes] = {
        name: root / name for name in _listed(root) if not _excluded(name, settings.exclude)
    }
    scope: set[str] = set()
    for target in targets:
        name = _relative(target, root)
        if target.is_dir():
            prefix = "" if name == "." else f"{name}/"
            inside = {known for known in files if known.startswith(prefix)}
            if not inside and name != ".":
                own = {f"{prefix}{inner}": target / inner for inner in _walk(target)}
                files.update({known: path for known, path in own.items() if not _excluded(known, settings.exclude)})
                inside = own.keys() & files.keys()
            scope |= inside
        else:
            files[name] = target
            scope.add(name)
    return files, scope


def _relative(target: Path, root: Path) -> str:
    if not target.exists():
        raise InputError(f"no such file or folder: {target}")
    try:
        return target.resolve().relative_to(root).as_posix()
    except ValueError:
        raise InputError(f"{target} lies outside the project's root {root}") from None


def _excluded(name: str, patterns: Sequence[str]) -> bool:
    return any(_matches(name, pattern) for pattern in patterns)


def _matches(name: str, pattern: str) -> bool:
    """Whether a glob means a file, one of the folders that hold it, or, without a slash, any of their names."""
    pattern = pattern.removeprefix("./").rstrip("/")
    pieces = name.split("/")
    if "/" not in pattern:
        return any(fnmatchcase(piece, pattern) for piece in pieces)
    return any(fnmatchcase("/".join(pieces[:count]), pattern) for count in range(1, len(pieces) + 1))


def _listed(root: Path) -> list[str]:
    """The files that git would see, where it is there and `root` is a checkout; else what the folders hold."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        command += ["--", *(f"*{suffix}" for suffix in SUFFIXES)]
        try:
            listing = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        except (OSError, subprocess.SubprocessError):
            return list(_walk(root))
        names = [os.fsdecode(raw) for raw in listing.split(b"\0") if raw]
        return [name for name in names if not _SKIPPED & set(name.split("/")[:-1]) and (root / name).is_file()]
    return list(_walk(root))


def _walk(root: Path) -> Iterator[str]:
    ignored = _Ignored(root)
    for folder, folders, names in os.walk(root, followlinks=False):
        relative = Path(folder).relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        ignored.read(Path(folder), prefix)
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not ignored.covers(f"{prefix}{name}", folder=True)
        )
        for name in sorted(names):
            path = f"{prefix}{name}"
            if name.endswith(SUFFIXES) and not ignored.covers(path) and (Path(folder) / name).is_file():
                yield path


class _Ignored:
    """The patterns of `.gitignore` files: enough of git's rules for folders that are no checkout."""

    def __init__(self, root: Path) -> None:
        self._rules: list[tuple[re.Pattern[str], bool, bool]] = []

    def read(self, folder: Path, prefix: str) -> None:
        try:
            lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        for line in lines:
            pattern = line.strip()
            if not pattern or pattern.startswith("#"):
                continue
            negated = pattern.startswith("!")
            pattern = pattern.removeprefix("!")
            only_folders = pattern.endswith("/")
            pattern = pattern.rstrip("/")
            anchored = "/" in pattern
            body = (
                translate(pattern.removeprefix("/").removeprefix("**/"))
                .removeprefix("(?s:")
                .removesuffix(")\\Z")
                .removesuffix(")\\z")
            )
            start = re.escape(prefix) if anchored and not pattern.startswith("**/") else re.escape(prefix) + "(?:.*/)?"
            self._rules.append((re.compile(f"(?s){start}{body}$"), negated, only_folders))

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether the last rule that matches ignores the path."""
        verdict = False
        for expression, negated, only_folders in self._rules:
            if (folder or not only_folders) and expression.match(path):
                verdict = not negated
        return verdict
