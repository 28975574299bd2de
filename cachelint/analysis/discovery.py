"""Which files a project has, and which of them are to be reported on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence, Set
from fnmatch import fnmatchcase, translate
from pathlib import Path

from cachelint.config import Settings
from cachelint.errors import InputError
from cachelint.project import MARKS, marked_root

SUFFIXES = (".py", ".ipynb")
_SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "__pycache__", "node_modules", "site-packages",
     ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs", "build", "dist", ".ipynb_checkpoints", "__pypackages__",
     ".cachelint_cache")
)  # fmt: skip


def discover(root: Path, targets: Sequence[Path], settings: Settings) -> tuple[dict[str, Path | bytes], set[str]]:
    """All Python files below `root` by relative name, and the names of those that `targets` ask for.

    A file that is named itself is reported on even if it would be skipped. Where nothing marks `root` as a project, it
    may be any folder, a home folder say: projects and hidden folders below it are left out if no target is in them.

    Raises:
        InputError: when a target does not exist, lies outside `root`, or is a pipe, a socket or a device.
    """
    root = root.resolve()
    files: dict[str, Path | bytes] = {
        name: root / name for name in _listed(root, targets) if not _excluded(name, settings.exclude)
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
        elif target.is_file():
            files[name] = target
            scope.add(name)
        else:
            raise InputError(f"{target} is neither a file nor a folder, but a pipe or a device: name Python files")
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


def _listed(root: Path, targets: Sequence[Path]) -> list[str]:
    """The files that git would see, where it is there and `root` is a checkout; else what the folders hold."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        command += ["--", *(f"*{suffix}" for suffix in SUFFIXES)]
        try:
            listing = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        except (OSError, subprocess.SubprocessError):
            return list(_walk(root))
        names = [os.fsdecode(raw) for raw in listing.split(b"\0") if raw]
        return [name for name in names if not _SKIPPED & set(name.split("/")[:-1]) and os.path.isfile(f"{root}/{name}")]
    return list(_walk(root, _Strangers(root, targets) if targets and marked_root(root) is None else None))


def _walk(root: Path, strangers: _Strangers | None = None) -> Iterator[str]:
    ignored = _Ignored()
    for folder, folders, names in os.walk(root, followlinks=False):
        if strangers is not None and strangers.include(folder, {*folders, *names}):
            folders.clear()
            continue
        relative = Path(folder).relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        ignored.read(Path(folder), prefix)
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not ignored.covers(f"{prefix}{name}", folder=True)
        )
        for name in sorted(names):
            path = f"{prefix}{name}"
            if name.endswith(SUFFIXES) and not ignored.covers(path) and os.path.isfile(f"{folder}/{name}"):
                yield path


class _Strangers:
    """Folders below one that is no project which have nothing to do with the targets."""

    def __init__(self, root: Path, targets: Sequence[Path]) -> None:
        resolved = [Path(os.path.realpath(target)) for target in targets]  # which stops at a circle of links
        self._folders = {target for target in resolved if target.is_dir()}
        self._entered = {root, *resolved, *(folder for target in resolved for folder in target.parents)}

    def include(self, folder: str, names: Set[str]) -> bool:
        """Whether a folder that holds files and folders of these names is hidden or a project, and holds no target."""
        path = Path(folder)
        if path in self._entered or not (path.name.startswith(".") or names & MARKS):
            return False
        return not any(known in self._folders for known in path.parents)


class _Ignored:
    """The patterns of `.gitignore` files: enough of git's rules for folders that are no checkout."""

    def __init__(self) -> None:
        self._files: list[_Patterns] = []

    def read(self, folder: Path, prefix: str) -> None:
        """Adds the patterns of the `.gitignore` in a folder; `prefix` is its relative name, with a slash at the end."""
        try:
            lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        patterns = _Patterns(prefix, [line.strip() for line in lines])
        if patterns.rules:
            self._files.append(patterns)

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether the last rule that matches ignores the path."""
        for patterns in reversed(self._files):
            verdict = patterns.verdict(path, folder)
            if verdict is not None:
                return verdict
        return False


class _Patterns:
    """The rules of one `.gitignore`, all in one expression too: most files match none of them."""

    def __init__(self, prefix: str, lines: Sequence[str]) -> None:
        self._prefix = prefix
        self.rules = [_rule(line) for line in lines if line and not line.startswith("#")]
        self._any = re.compile("|".join(expression for expression, _, _ in self.rules), re.DOTALL)

    def verdict(self, path: str, folder: bool) -> bool | None:
        """What the last rule that matches says; None where none does."""
        if not path.startswith(self._prefix):
            return None
        below = path[len(self._prefix) :]
        if not self._any.match(below):
            return None
        for expression, negated, only_folders in reversed(self.rules):
            if (folder or not only_folders) and re.match(expression, below, re.DOTALL):
                return not negated
        return None


def _rule(pattern: str) -> tuple[str, bool, bool]:
    """A line as an expression, whether it takes back what others ignore, and whether it is about folders only."""
    negated = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    only_folders = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    anchored = "/" in pattern and not pattern.startswith("**/")
    body = translate(pattern.removeprefix("/").removeprefix("**/")).removeprefix("(?s:")
    body = body.removesuffix(")\\Z").removesuffix(")\\z")
    return f"(?:{'' if anchored else '(?:.*/)?'}(?:{body})$)", negated, only_folders
