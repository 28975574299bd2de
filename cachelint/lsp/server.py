"""What the protocol asks for, and what answers."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method
from pygls.uris import to_fs_path

from cachelint import __version__
from cachelint.errors import ConfigurationError
from cachelint.lsp.actions import FIX_ALL, Actions, Shown
from cachelint.lsp.documents import Documents, OpenFile
from cachelint.lsp.hover import explanation
from cachelint.lsp.positions import Positions
from cachelint.lsp.sessions import Session, Sessions
from cachelint.project import marked_root
from cachelint.rulebook import rulebook

WATCHED = ("**/*.py", "**/*.ipynb", "**/pyproject.toml", "**/cachelint.toml", "**/.gitignore")
"""Files whose changes on disk may change what is found."""

PATIENCE = 1.0
"""Seconds after which an editor is told that an analysis is under way."""

Handled = Iterator[tuple[Any, tuple[Any, ...], None]]
"""What pygls is to call, with which arguments."""

_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook("jupyter-notebook", [types.NotebookCellLanguage("python")])]
)
_KINDS = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll, FIX_ALL]


class _Protocol(LanguageServerProtocol):
    """Leaves changes of texts to `Documents`.

    pygls splits lines at form feeds and U+2028, where neither Python nor the protocol does, and moves the positions of
    a change to where it believes that the line ends.
    """

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Handled:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(self, params: types.DidChangeNotebookDocumentParams) -> Handled:
        yield self.fm.features[types.NOTEBOOK_DOCUMENT_DID_CHANGE], (params,), None


class Server(LanguageServer):
    """A language server with the state that its handlers share."""

    def __init__(self) -> None:
        super().__init__(
            "cachelint",
            __version__,
            notebook_document_sync=_NOTEBOOKS,
            protocol_cls=_Protocol,
            converter_factory=default_converter,
        )
        self.was_shut_down = False
        """Whether the client has said that it is done, as the protocol wants it to before it goes."""
        self.documents = Documents()
        self.sessions = Sessions(self.documents, self, self._root_of)

    # -- what an editor is told --------------------------------------------------------------------------------------

    def show(self, uri: str, shown: Iterable[Shown], version: int | None) -> None:
        """Replace the diagnostics of a document."""
        diagnostics = [each.diagnostic for each in shown]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def complain(self, problem: str) -> None:
        """Say why nothing could be checked."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"cachelint: {problem}"))

    @asynccontextmanager
    async def busy(self, title: str) -> AsyncIterator[None]:
        """Show progress when the body takes longer than a moment, where the client shows progress."""
        if not self.client_can("window.work_done_progress"):
            yield
            return
        announcing = asyncio.create_task(self._announce(title))
        try:
            yield
        finally:
            announcing.cancel()

    async def _announce(self, title: str) -> None:
        await asyncio.sleep(PATIENCE)
        token = str(uuid.uuid4())
        await self.work_done_progress.create_async(token)
        self.work_done_progress.begin(token, types.WorkDoneProgressBegin(title=f"cachelint: {title}"))
        try:
            await asyncio.Event().wait()
        finally:
            self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    # -- the workspace -----------------------------------------------------------------------------------------------

    def client_can(self, capability: str) -> bool:
        """Whether the client has a capability, named by its dotted path."""
        return bool(get_capability(self.client_capabilities, capability))

    @property
    def folders(self) -> list[Path]:
        """The folders that are open."""
        uris = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri]
        return [Path(path).resolve() for uri in uris if uri and (path := to_fs_path(uri))]

    @property
    def first_folder(self) -> Path | None:
        """Where documents that were never saved are taken to lie."""
        return next(iter(self.folders), None)

    def _root_of(self, path: Path) -> Path:
        with contextlib.suppress(ConfigurationError):  # the analysis says what is wrong with it
            if (marked := marked_root(path.parent)) is not None:
                return marked
        return next((folder for folder in self.folders if path.is_relative_to(folder)), path.parent)


def make_server() -> Server:
    """A server with all its handlers."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(_: types.InitializeParams) -> None:
        server.documents.positions = Positions(server.workspace.position_encoding or types.PositionEncodingKind.Utf16)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        if server.client_can("workspace.did_change_watched_files.dynamic_registration"):
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("cachelint-files", method, options)
            await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        _follow(server, server.documents.open_text(params.text_document, server.first_folder))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        _follow(server, server.documents.change_text(params))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        _follow(server, server.documents.close(params.text_document.uri))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open_notebook(params: types.DidOpenNotebookDocumentParams) -> None:
        texts = params.cell_text_documents
        _follow(server, server.documents.open_notebook(params.notebook_document, texts, server.first_folder))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change_notebook(params: types.DidChangeNotebookDocumentParams) -> None:
        _follow(server, server.documents.change_notebook(params))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close_notebook(params: types.DidCloseNotebookDocumentParams) -> None:
        _follow(server, server.documents.close(params.notebook_document.uri))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_: types.DidSaveTextDocumentParams) -> None:
        server.sessions.all_changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_: types.DidChangeWatchedFilesParams) -> None:
        server.sessions.all_changed()

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=_KINDS))
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await _code_actions(server, params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return _hover(server, params)

    @server.feature(types.SHUTDOWN)
    def shutdown(*_: object) -> None:
        server.was_shut_down = True
        server.sessions.close()

    return server


def _follow(server: Server, file: OpenFile | None) -> None:
    if file is not None:
        server.sessions.changed(file)


async def _code_actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    file = server.documents.holding(uri)
    if file is None:
        return []
    session = server.sessions.of(file)
    if not await server.sessions.settled(session):
        return []
    versioned = server.client_can("workspace.workspace_edit.document_changes")
    actions = Actions(server.documents.positions, session.targets.__getitem__, versioned=versioned)
    shown = [each for each in _shown(session, uri) if session.is_current(each.finding)]
    offered: list[types.CodeAction] = []
    if _wanted(params.context, types.CodeActionKind.QuickFix):
        here = [each for each in shown if _overlap(each.diagnostic.range, params.range)]
        offered += [actions.fix(each, each.finding.fix) for each in here if each.finding.fix]
        offered += filter(None, (actions.suppression(each) for each in here))
    if _wanted(params.context, FIX_ALL):
        offered += filter(None, [actions.fix_all(each.finding for each in shown)])
    return offered


def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    uri = params.text_document.uri
    file = server.documents.holding(uri)
    shown = _shown(server.sessions.of(file), uri) if file is not None else ()
    point = types.Range(params.position, params.position)
    here = [each for each in shown if _overlap(each.diagnostic.range, point)]
    rules = [rule for code in dict.fromkeys(each.finding.code for each in here) if (rule := rulebook().find(code))]
    if not rules:
        return None
    formats = get_capability(server.client_capabilities, "text_document.hover.content_format") or ()
    kind = types.MarkupKind.PlainText if "markdown" not in formats else types.MarkupKind.Markdown
    return types.Hover(types.MarkupContent(kind, explanation(rules)), here[0].diagnostic.range)


def _shown(session: Session, uri: str) -> Iterable[Shown]:
    return session.shown.get(uri, ())


def _wanted(context: types.CodeActionContext, kind: str) -> bool:
    """Whether a client asks for a kind of action: for all, for the kind, or for one that it belongs to."""
    return context.only is None or any(kind == only or kind.startswith(f"{only}.") for only in context.only)


def _overlap(first: types.Range, second: types.Range) -> bool:
    """Whether two ranges touch."""
    return _key(first.start) <= _key(second.end) and _key(second.start) <= _key(first.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
