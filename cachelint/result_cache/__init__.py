"""The result cache: what a run has found, kept on disk for the next run over the same project.

inputs         what a run depends on; build: which program this is
snapshot       what the files hold, read only where their size or times have changed
project_cache  outcomes of whole projects, and in which other states of their files they hold
file_cache     outcomes of files by themselves
plain          outcomes as JSON
store          files of the cache, written whole or not at all

The outcome of a project is kept with what it was made of: the program, the settings, the files that were read, and what
was asked of the others. It is taken again as long as all of that is as it was, whatever else has changed, and whichever
files are reported on: those are chosen afterwards. Nothing of the analysis is imported to find it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.analysis.outcome import Results, reported
from cachelint.result_cache.build import build
from cachelint.result_cache.file_cache import FileCache
from cachelint.result_cache.inputs import Files, Inputs
from cachelint.result_cache.project_cache import ProjectCache
from cachelint.result_cache.snapshot import Snapshot
from cachelint.result_cache.store import Store

if TYPE_CHECKING:
    from cachelint.analysis import Analysis

__all__ = ["FOLDER", "Inputs", "cache_folder", "remembered"]

FOLDER = ".cachelint_cache"
"""The folder of the cache in the root of a project."""


def cache_folder(root: Path, chosen: Path | None) -> Path:
    """The folder of a project's cache: in its root, or in one of its own below the `chosen` folder."""
    if chosen is None:
        return root / FOLDER
    return chosen / hashlib.blake2b(str(root.resolve()).encode(errors="surrogateescape"), digest_size=8).hexdigest()


def remembered(folder: Path, inputs: Inputs, analyse: Callable[[Files], Results]) -> Analysis:
    """The outcome of an earlier run where it holds still; else what `analyse` says, which is kept in `folder`.

    `analyse` is given the files as they were when they were compared. A folder that cannot be read or written, and
    files in it that are damaged, only mean that more is analysed.
    """
    try:
        store = Store(folder, build())
        snapshot = Snapshot(inputs.files, store.index("files"))
        projects = ProjectCache(store, snapshot, inputs)
        files = FileCache(store, snapshot)
        project = projects.find()
        if project is not None:
            found = files.outcomes(inputs.scope, project.caching)
            store.keep_index(files=snapshot.index, states=projects.states)
            return reported(project, found, inputs.scope)
        contents = snapshot.contents()
    except OSError:
        results = analyse(inputs.files)
        return reported(results.project, results.files, inputs.scope)
    results = analyse(contents)
    if snapshot.is_exact():
        files.add(results.files, results.project.caching)
        projects.keep(results)
        store.keep_index(files=snapshot.index, states=projects.states)
    return reported(results.project, results.files, inputs.scope)
