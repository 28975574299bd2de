"""Outcomes of files by themselves, each kept with the digest of what the file held."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from typing import Any

from cachelint.analysis.outcome import FileOutcome, program_of
from cachelint.result_cache.plain import plain, restored
from cachelint.result_cache.snapshot import Snapshot
from cachelint.result_cache.store import Store


class FileCache:
    """The outcomes that are kept of a project's notable files."""

    def __init__(self, store: Store, snapshot: Snapshot) -> None:
        self._store = store
        self._snapshot = snapshot

    def outcomes(self, scope: Set[str], caching: Collection[str]) -> dict[str, FileOutcome]:
        """The outcomes of the notable files in `scope`; `caching` as in `ProjectOutcome`.

        Raises `OSError` where a file that must be read cannot be, or changes meanwhile.
        """
        notable = sorted(scope & set(self._snapshot.notable))
        if not notable:
            return {}
        kept = self._kept()
        found = {name: outcome for name in notable if (outcome := self._known(kept, name, caching)) is not None}
        missing = {name: self._snapshot.origin(name) for name in notable if name not in found}
        if missing:
            from cachelint.analysis.file_outcomes import examine

            new = examine(missing, caching)
            self.add(new, caching)
            found |= new
        return found

    def add(self, outcomes: Mapping[str, FileOutcome], caching: Collection[str]) -> None:
        """Keeps outcomes of files as the snapshot has them, and drops those of files that are no longer notable."""
        notable = set(self._snapshot.notable)
        kept = {name: entry for name, entry in self._kept().items() if name in notable}
        new = {
            name: [*self._key(name, caching), plain(outcome)] for name, outcome in outcomes.items() if name in notable
        }
        if new:
            self._store.keep_files({**kept, **new})

    def _kept(self) -> dict[str, Any]:
        kept = self._store.files()
        return kept if isinstance(kept, dict) else {}

    def _known(self, kept: Mapping[str, Any], name: str, caching: Collection[str]) -> FileOutcome | None:
        match kept.get(name):
            case [digest, bool() as caches, outcome] if [digest, caches] == self._key(name, caching):
                return restored(FileOutcome, outcome)
            case _:
                return None

    def _key(self, name: str, caching: Collection[str]) -> list[object]:
        return [self._snapshot.digests[name], program_of(name) in caching]
