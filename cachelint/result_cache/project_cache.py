"""Outcomes of whole projects: kept for one state of the files, found again for every state in which they hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cachelint.analysis.outcome import ProjectOutcome, Results
from cachelint.analysis.text_files import SUFFIXES
from cachelint.result_cache.inputs import Inputs
from cachelint.result_cache.plain import plain, restored
from cachelint.result_cache.snapshot import Snapshot
from cachelint.result_cache.store import Store

KEPT_STATES = 32
"""For so many of the last states of a project it is known without comparing which outcome holds."""


class ProjectCache:
    """The outcomes that are kept for a project, seen from one state of its files."""

    def __init__(self, store: Store, snapshot: Snapshot, inputs: Inputs) -> None:
        self._store = store
        self._snapshot = snapshot
        self._inputs = inputs
        self._options = _digest(inputs.options())
        self.states: dict[str, Any] = dict(store.index("states"))
        """By a digest of the options and of all files, the outcome that holds."""

    def find(self) -> ProjectOutcome | None:
        """The outcome that holds for the files as they are; None where none is known.

        Raises `OSError` where a file that must be compared cannot be read, or changes meanwhile.
        """
        state = self._state()
        if state in self.states and (known := self._outcome(self.states[state])) is not None:
            return known
        for identifier, trace in self._store.traces(self._options):
            if self._holds(trace) and (known := self._outcome(identifier)) is not None:
                self._remember(state, identifier)
                return known
        return None

    def keep(self, results: Results) -> None:
        """Keeps an outcome of the files as they are."""
        trace = [results.trace.plain(), self._snapshot.digests]
        self._remember(self._state(), self._store.keep(self._options, plain(results.project), trace))

    def _remember(self, state: str, identifier: str) -> None:
        self.states.pop(state, None)
        self.states = {**dict([*self.states.items()][1 - KEPT_STATES :]), state: identifier}

    def _outcome(self, identifier: object) -> ProjectOutcome | None:
        """An outcome that was kept, if the texts that it has looked for are as they were."""
        known = restored(ProjectOutcome, self._store.outcome(str(identifier)))
        return known if known is not None and self._inputs.texts().agrees(known.looked_up) else None

    def _holds(self, written: object) -> bool:
        """Whether an outcome, given by its trace and the files that it was made of, holds for the files of now."""
        from cachelint.analysis.trace import Trace

        match written:
            case [known, dict() as earlier] if (trace := Trace.from_plain(known)) is not None:
                pass
            case _:
                return False
        now = self._snapshot.digests
        changed = {name for name in now.keys() | earlier.keys() if now.get(name) != earlier.get(name)}
        if trace.reads(changed) or (now.keys() != earlier.keys() and not trace.holds_in(_python(now))):
            return False
        return trace.holds_with({name: self._content(name) for name in changed}, self._inputs.settings)

    def _content(self, name: str) -> bytes:
        """What the analysis sees of a file; nothing where it is gone or too large."""
        origin = self._snapshot.origin(name) if name in self._snapshot.digests and name.endswith(SUFFIXES) else b""
        return origin if isinstance(origin, bytes) else b""

    def _state(self) -> str:
        return _digest([self._options, sorted(self._snapshot.digests.items())])


def _python(names: Mapping[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in names.items() if name.endswith(SUFFIXES)}


def _digest(everything: object) -> str:
    return hashlib.blake2b(json.dumps(everything).encode(), digest_size=16).hexdigest()
