"""The lines that changed since a git revision, so that only findings that a change touches are reported."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cachelint.errors import InputError
from cachelint.findings import Finding, Location
from cachelint.rendering.place import Place

_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_FILE = re.compile(rb"^\+\+\+ b/(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Spans of changed rows by filename; None where the whole file is new."""

    rows: Mapping[str, tuple[range, ...] | None]

    def touch(self, finding: Finding) -> bool:
        """Whether the finding, its path or its request stands on a changed line."""
        places = [finding.location, *(step.location for step in finding.flow)]
        if finding.request:
            places.append(finding.request.location)
        return any(self._holds(place) for place in places)

    def _holds(self, location: Location) -> bool:
        place = Place.of(location.filename)
        if place.path not in self.rows:
            return False
        spans = self.rows[place.path]
        # Rows of a notebook's finding count within its cell, those of git in the file: any change counts.
        if spans is None or place.cell is not None:
            return True
        return any(span.start <= location.end_row and location.row < span.stop for span in spans)


def changed_lines(root: Path, revision: str) -> ChangedLines:
    """What differs between the working tree and the point where it left `revision`; filenames are relative to `root`.

    Untracked files are new as a whole. Raises `InputError` where `root` has no such revision.
    """
    # Quoted names and a prefix of the user's own would hide files from the patterns above.
    git_diff = ("-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", "--unified=0", "--relative")
    base = _git(root, revision, "merge-base", revision, "HEAD").decode().strip()
    diff = _git(root, revision, *git_diff, "--src-prefix=a/", "--dst-prefix=b/", base, "--", ".")
    untracked = _git(root, revision, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    rows: dict[str, tuple[range, ...] | None] = dict(_hunks(diff))
    rows |= dict.fromkeys(name.decode(errors="surrogateescape") for name in untracked.split(b"\0") if name)
    return ChangedLines(rows)


def _hunks(diff: bytes) -> list[tuple[str, tuple[range, ...]]]:
    """Filename and changed rows of each file of a diff; a deletion touches the line before it and the one after."""
    _, *parts = _FILE.split(diff)
    return [
        (
            # git ends a name that has spaces with a tab.
            name.rstrip(b"\t").decode(errors="surrogateescape"),
            tuple(_span(int(hunk[1]), int(hunk[2] or 1)) for hunk in _HUNK.finditer(hunks)),
        )
        for name, hunks in zip(parts[::2], parts[1::2], strict=True)
    ]


def _span(row: int, count: int) -> range:
    return range(row, row + count) if count else range(row, row + 2)


def _git(root: Path, revision: str, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise InputError("--since needs git, which is not installed") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().splitlines()
        detail = reason[0] if reason else f"no common ancestor with {revision}"
        raise InputError(f"--since {revision}: {detail}") from None
