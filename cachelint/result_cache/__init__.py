"""The result cache: what a run has found, kept on disk for the next run over the same files.

build      which program this is
snapshot   what the files hold, read only where their size or times have changed
plain      outcomes as JSON
store      files of the cache, written whole or not at all

An outcome is known by everything that it depends on: the program, the settings, the names and contents of all Python
files, those that are reported on, and the other files that the analysis has looked for. Nothing of the analysis is
imported to find it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.analysis.text_files import SUFFIXES, TextFiles
from cachelint.config import Settings
from cachelint.result_cache.build import build
from cachelint.result_cache.plain import analysis_from_plain, plain_from_analysis
from cachelint.result_cache.snapshot import Snapshot
from cachelint.result_cache.store import Store

if TYPE_CHECKING:
    from cachelint.analysis import Analysis

__all__ = ["FOLDER", "Inputs", "cache_folder", "remembered"]

FOLDER = ".cachelint_cache"
"""The folder of the cache in the root of a project."""

_REPORTING = frozenset(
    ("select", "extend_select", "ignore", "per_file_ignores", "exclude", "fail_on", "pedantic", "baseline", "origins")
)
"""Settings that choose among the files, which count by themselves, or among the findings, after the analysis."""

Files = Mapping[str, Path | bytes]


def cache_folder(root: Path, chosen: Path | None) -> Path:
    """The folder of a project's cache: in its root, or in one of its own below the `chosen` folder."""
    if chosen is None:
        return root / FOLDER
    return chosen / hashlib.blake2b(str(root.resolve()).encode(errors="surrogateescape"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run depends on, apart from the program itself."""

    root: Path
    files: Files
    scope: Set[str]
    """The files that are reported on."""
    settings: Settings
    fixes: bool
    """Whether findings carry fixes."""

    def key(self, program: list[object], snapshot: Snapshot) -> str:
        """32 hex digits that stand for all of this, the files being those of a snapshot."""
        values = [repr(getattr(self.settings, each.name)) for each in fields(Settings) if each.name not in _REPORTING]
        everything = [program, values, sorted(self.scope), self.fixes, sorted(snapshot.digests.items())]
        return hashlib.blake2b(json.dumps(everything).encode(), digest_size=16).hexdigest()

    def texts(self) -> TextFiles:
        """The files that are not Python, of which only those count that the analysis has looked for."""
        return TextFiles({name: file for name, file in self.files.items() if not name.endswith(SUFFIXES)}, self.root)


def remembered(folder: Path, inputs: Inputs, analyse: Callable[[Files], Analysis]) -> Analysis:
    """The outcome of an earlier run with the same inputs; else what `analyse` says, which is kept in `folder`.

    `analyse` is given the files as they were when they were compared. A folder that cannot be read or written, and
    files in it that are damaged, only mean that more is analysed.
    """
    store = Store(folder)
    try:
        program = build()
        snapshot = Snapshot(inputs.files, store.index())
        known = _known(store.find(inputs.key(program, snapshot)))
        if known is not None and inputs.texts().agrees(known.looked_up):
            store.keep_index(snapshot.index)
            return known
        contents = snapshot.contents()
    except OSError:
        return analyse(inputs.files)
    outcome = analyse(contents)
    if snapshot.is_exact():
        store.keep_index(snapshot.index)
        store.keep(inputs.key(program, snapshot), plain_from_analysis(outcome))
    return outcome


def _known(plain: object) -> Analysis | None:
    try:
        return analysis_from_plain(plain) if plain is not None else None
    except (TypeError, ValueError, KeyError):
        return None
