"""When to analyse: a pause after the last change of a project, and whatever came too late is dropped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cachelint.findings import Finding
from cachelint.lsp.actions import Shown, Target
from cachelint.lsp.analyst import Analyst
from cachelint.lsp.diagnostics import Diagnoses
from cachelint.lsp.documents import Documents, OpenFile
from cachelint.lsp.wire import Asked, OpenText, Told
from cachelint.rendering.place import Place

PAUSE = 0.3
"""Seconds without a change before an analysis starts."""

PATIENCE = 3.0
"""Seconds that a request for code actions waits for an analysis of what is typed."""


class Client(Protocol):
    """What an editor is told."""

    def show(self, uri: str, shown: Iterable[Shown], version: int | None) -> None:
        """Replace the diagnostics of a document."""

    def complain(self, problem: str) -> None:
        """Say why nothing could be checked."""

    def busy(self, title: str) -> contextlib.AbstractAsyncContextManager[None]:
        """Say that something takes its time, if it does."""


@dataclass(slots=True)
class Session:
    """The open files of one project, and what the last analysis of them found."""

    root: Path
    task: asyncio.Task[None] | None = None
    """The pause or the analysis that is under way."""
    shown: dict[str, list[Shown]] = field(default_factory=dict)
    """By URI, everything that the client shows."""
    targets: dict[str, Target] = field(default_factory=dict)
    """By filename, where edits go."""
    findings: tuple[Finding, ...] = ()
    broken: frozenset[str] = frozenset()
    problem: str | None = None

    def filename(self, file: OpenFile) -> str:
        """The name of an open file as findings have it."""
        return file.path.relative_to(self.root).as_posix()

    def is_current(self, finding: Finding) -> bool:
        """Whether the places of a finding are those of the text in the editor."""
        edits = finding.fix.edits if finding.fix else ()
        return not self.broken & {finding.location.filename, *(edit.location.filename for edit in edits)}


class Sessions:
    """A session for each project that has open files."""

    def __init__(self, documents: Documents, client: Client, root_of: Callable[[Path], Path]) -> None:
        self._documents = documents
        self._client = client
        self._root_of = root_of
        self._analyst = Analyst()
        self._sessions: dict[Path, Session] = {}
        self._roots: dict[Path, Path] = {}

    def of(self, file: OpenFile) -> Session:
        """The session that an open file belongs to."""
        if file.path not in self._roots:
            self._roots[file.path] = self._root_of(file.path)
        root = self._roots[file.path]
        return self._sessions.setdefault(root, Session(root))

    def changed(self, file: OpenFile) -> None:
        """Analyse the project of a file after a pause; what is under way is given up."""
        self._schedule(self.of(file))

    def all_changed(self) -> None:
        """Analyse every project: files or settings on disk have changed, and with them perhaps the roots."""
        self._roots.clear()
        for session in [*self._sessions.values(), *(self.of(file) for file in self._documents)]:
            self._schedule(session)

    async def settled(self, session: Session) -> bool:
        """Waits for what is under way; False where that takes too long."""
        if session.task is not None:
            await asyncio.wait([session.task], timeout=PATIENCE)
        return session.task is None or session.task.done()

    def close(self) -> None:
        """Stop everything."""
        for session in self._sessions.values():
            if session.task is not None:
                session.task.cancel()
        self._analyst.close()

    def _schedule(self, session: Session) -> None:
        if session.task is not None:
            session.task.cancel()
        session.task = asyncio.get_running_loop().create_task(self._analyse(session))

    async def _analyse(self, session: Session) -> None:
        await asyncio.gather(asyncio.sleep(PAUSE), self._analyst.prepare())
        files = {session.filename(file): file for file in self._documents if self.of(file) is session}
        asked = Asked(session.root, {name: OpenText(file.content, file.parsed) for name, file in files.items()})
        targets = _targets(files)
        async with self._client.busy(f"checking {session.root.name}"):
            told = await self._analyst.ask(asked)
        if told.problem is not None:
            self._complain(session, told.problem)
            return
        session.problem = None
        for name, file in files.items():
            if name not in told.broken:
                file.parsed = asked.open_texts[name].text
        self._show(session, told, targets)
        if not files:
            del self._sessions[session.root]

    def _complain(self, session: Session, problem: str) -> None:
        if problem != session.problem:
            self._client.complain(problem)
        session.problem = problem

    def _show(self, session: Session, told: Told, targets: dict[str, Target]) -> None:
        closed = {name: Target(_uri(session.root, name), None, text) for name, text in told.texts.items()}
        session.targets = closed | targets
        session.findings, session.broken = told.findings, told.broken
        diagnoses = Diagnoses(self._documents.positions, told.texts, lambda name: session.targets[name].uri)
        fresh: dict[str, list[Shown]] = {target.uri: [] for target in targets.values()}
        for finding in told.findings:
            uri = session.targets[finding.location.filename].uri
            fresh.setdefault(uri, []).append(Shown(finding, diagnoses.of(finding)))
        kept = {targets[name].uri for name in told.broken if name in targets}
        versions = {target.uri: target.version for target in targets.values()}
        for uri in (session.shown.keys() | fresh.keys()) - kept:
            self._client.show(uri, fresh.get(uri, ()), versions.get(uri))
        session.shown = fresh | {uri: session.shown.get(uri, []) for uri in kept}


def _targets(files: Mapping[str, OpenFile]) -> dict[str, Target]:
    """Each open text by the filename that findings in it have."""
    targets: dict[str, Target] = {}
    for name, file in files.items():
        for index, cell in enumerate(file.cells):
            filename = f"{name}#cell{index}" if file.is_notebook else name
            targets[filename] = Target(cell.uri, cell.version, cell.content)
    return targets


def _uri(root: Path, filename: str) -> str:
    return (root / Place.of(filename).path).as_uri()
