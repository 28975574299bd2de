"""An editor without a screen: starts the language server as a process and speaks with it over its standard streams."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

Value = TypeVar("Value")

SECONDS = 60
"""Until an answer that does not come is a failure, on a machine that does other things too."""

CAPABILITIES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
    text_document=types.TextDocumentClientCapabilities(
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown])
    ),
)


class Editor:
    """What an editor does, in one folder at a time."""

    def __init__(self, client: LanguageClient) -> None:
        self.folder = Path()
        self.client = client
        self.texts: dict[str, str] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.watched: list[str] = []
        self._news = asyncio.Event()
        self.version = 0

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self._news.set()

        @client.feature(types.WINDOW_SHOW_MESSAGE)
        def show(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self._news.set()

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            for registration in params.registrations:
                self.watched += [each["globPattern"] for each in registration.register_options["watchers"]]

    def enter(self, folder: Path) -> None:
        """Go on with another project; what was open in the last one is closed."""
        for name in [*self.texts]:
            self.close(name)
        self.folder = folder
        self.published.clear()
        self.messages.clear()

    async def quit(self) -> int:
        """Shut the server down; the exit code of its process."""
        async with asyncio.timeout(SECONDS):
            await self.client.shutdown_async(None)
            self.client.exit(None)
            process = self.client._server
            assert process is not None
            exit_code = await process.wait()
            await self.client.stop()
            return exit_code

    def uri(self, name: str) -> str:
        """The URI of a file, also when it is given as one."""
        return name if ":" in name else (self.folder / name).as_uri()

    def cell_uri(self, name: str, index: int) -> str:
        """The URI of the cell that was opened as number `index`."""
        return f"vscode-notebook-cell:{(self.folder / name).as_posix()}#{index}"

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file with what is on disk, or with an unsaved text."""
        self.texts[name] = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        item = types.TextDocumentItem(self.uri(name), "python", self._next_version(), self.texts[name])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def open_notebook(self, name: str, cells: list[str]) -> None:
        """Open an unsaved notebook; a cell that starts with `#` and a space is prose."""
        kinds = [types.NotebookCellKind.Markup if cell[:2] == "# " else types.NotebookCellKind.Code for cell in cells]
        uris = [self.cell_uri(name, index) for index in range(len(cells))]
        notebook = types.NotebookDocument(
            uri=self.uri(name),
            notebook_type="jupyter-notebook",
            version=1,
            cells=[types.NotebookCell(kind, uri) for kind, uri in zip(kinds, uris, strict=True)],
        )
        texts = [types.TextDocumentItem(uri, "python", 1, cell) for uri, cell in zip(uris, cells, strict=True)]
        self.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, texts))

    def change_notebook(self, name: str, *, delete: int) -> None:
        """Delete the first cells."""
        array = types.NotebookCellArrayChange(start=0, delete_count=delete)
        closed = [types.TextDocumentIdentifier(self.cell_uri(name, index)) for index in range(delete)]
        structure = types.NotebookDocumentCellChangeStructure(array, did_close=closed)
        self._change_cells(name, types.NotebookDocumentCellChanges(structure=structure))

    def change_cell(self, name: str, index: int, text: str) -> None:
        """Replace the text of a cell."""
        cell = types.VersionedTextDocumentIdentifier(uri=self.cell_uri(name, index), version=self._next_version())
        content = types.NotebookDocumentCellContentChanges(cell, [types.TextDocumentContentChangeWholeDocument(text)])
        self._change_cells(name, types.NotebookDocumentCellChanges(text_content=[content]))

    def _change_cells(self, name: str, cells: types.NotebookDocumentCellChanges) -> None:
        notebook = types.VersionedNotebookDocumentIdentifier(self._next_version(), self.uri(name))
        params = types.DidChangeNotebookDocumentParams(notebook, types.NotebookDocumentChangeEvent(cells=cells))
        self.client.notebook_document_did_change(params)

    def type(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a text, as a change of that piece alone."""
        text = self.texts[name]
        start = text.index(old)
        change = types.TextDocumentContentChangePartial(
            range=types.Range(position(text, start), position(text, start + len(old))), text=new
        )
        self.texts[name] = text.replace(old, new, 1)
        self._change(name, change)

    def replace(self, name: str, text: str) -> None:
        """Replace a whole text."""
        self.texts[name] = text
        self._change(name, types.TextDocumentContentChangeWholeDocument(text))

    def save(self, name: str) -> None:
        (self.folder / name).write_text(self.texts[name], encoding="utf-8")
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, name: str) -> None:
        self.texts.pop(name)
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def changed_on_disk(self, name: str) -> None:
        event = types.FileEvent(self.uri(name), types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async def diagnostics(self, name: str) -> list[types.Diagnostic]:
        """What is published next for a file."""
        return (await self.publication(self.uri(name))).diagnostics

    async def publication(self, uri: str) -> types.PublishDiagnosticsParams:
        """What is published next for a document."""

        def taken() -> types.PublishDiagnosticsParams | None:
            for params in self.published:
                if params.uri == uri:
                    self.published.remove(params)
                    return params
            return None

        return await self._until(taken)

    async def message(self) -> str:
        """What is shown next."""
        return await self._until(lambda: self.messages.pop(0) if self.messages else None)

    async def actions(self, name: str, at: types.Range, only: list[str] | None = None) -> list[types.CodeAction]:
        """What is offered for a range."""
        context = types.CodeActionContext([], only)
        document = types.TextDocumentIdentifier(self.uri(name))
        params = types.CodeActionParams(document, at, context)
        return list(await self.client.text_document_code_action_async(params) or ())

    async def hover(self, name: str, at: types.Position) -> types.Hover | None:
        document = types.TextDocumentIdentifier(self.uri(name))
        return await self.client.text_document_hover_async(types.HoverParams(document, at))

    def apply(self, action: types.CodeAction) -> None:
        """Do what an action says, to the texts that are open."""
        assert action.edit is not None
        assert action.edit.document_changes is not None
        for change in action.edit.document_changes:
            assert isinstance(change, types.TextDocumentEdit)
            (name,) = [name for name in self.texts if self.uri(name) == change.text_document.uri]
            self.replace(name, with_edits(self.texts[name], change.edits))

    def _change(self, name: str, change: types.TextDocumentContentChangeEvent) -> None:
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self._next_version())
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def _next_version(self) -> int:
        self.version += 1
        return self.version

    async def _until(self, value: Callable[[], Value | None]) -> Value:
        async with asyncio.timeout(SECONDS):
            while (found := value()) is None:
                self._news.clear()
                await self._news.wait()
            return found


def position(text: str, index: int) -> types.Position:
    """The place of a character, in UTF-16 code units."""
    before = text[:index]
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def text_in(text: str, span: types.Range) -> str:
    """What stands in a range that is counted in UTF-16 code units."""
    return text[_index(text, span.start) : _index(text, span.end)]


def with_edits(text: str, edits: list[types.TextEdit]) -> str:
    """A text with edits applied, the last first."""
    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: _index(text, edit.range.start)] + edit.new_text + text[_index(text, edit.range.end) :]
    return text


def _index(text: str, at: types.Position) -> int:
    lines = text.split("\n")
    units = lines[at.line].encode("utf-16-le")[: 2 * at.character]
    return sum(len(line) + 1 for line in lines[: at.line]) + len(units.decode("utf-16-le"))


async def start(capabilities: types.ClientCapabilities = CAPABILITIES) -> Editor:
    """An editor with a server of its own."""
    client = LanguageClient("editor", "1")
    await client.start_io(sys.executable, "-m", "cachelint", "lsp", "--stdio")
    editor = Editor(client)
    await client.initialize_async(types.InitializeParams(capabilities))
    client.initialized(types.InitializedParams())
    return editor
