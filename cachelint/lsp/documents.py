"""The texts that are open: Python files, and notebooks as the JSON that would hold their cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path

from cachelint.lsp.positions import Positions
from cachelint.rendering.place import Place

_PYTHON_SUFFIXES = (".py", ".pyi")


@dataclass(slots=True)
class Text:
    """One text: a file, or a cell."""

    uri: str
    version: int | None
    content: str
    is_code: bool = True
    """False for a cell with prose."""

    def change(self, changes: Iterable[types.TextDocumentContentChangeEvent], positions: Positions) -> None:
        """Apply what a client says has changed, in order."""
        for each in changes:
            if isinstance(each, types.TextDocumentContentChangePartial):
                start = positions.offset(self.content, each.range.start)
                end = positions.offset(self.content, each.range.end)
                self.content = self.content[:start] + each.text + self.content[end:]
            else:
                self.content = each.text


@dataclass(slots=True)
class OpenFile:
    """A file that an editor has open."""

    uri: str
    path: Path
    cells: list[Text]
    """The cells of a notebook in order, code or not; for another file, its text alone."""
    is_notebook: bool = False
    parsed: str | None = None
    """The last content that was Python."""

    @property
    def content(self) -> str:
        """What the file would hold if it were saved now."""
        if not self.is_notebook:
            return self.cells[0].content
        cells = [{"cell_type": "code" if cell.is_code else "markdown", "source": cell.content} for cell in self.cells]
        return json.dumps({"cells": cells})

    def text_at(self, filename: str) -> Text | None:
        """The text that the filename of a location means: ``book.ipynb#cell3`` or ``app.py``."""
        index = Place.of(filename).cell or 0
        return self.cells[index] if index < len(self.cells) else None


class Documents:
    """All open files, and the texts in them by URI."""

    def __init__(self) -> None:
        self.positions = Positions()
        self._files: dict[str, OpenFile] = {}

    def __iter__(self) -> Iterator[OpenFile]:
        return iter(self._files.values())

    def open_text(self, item: types.TextDocumentItem, folder: Path | None) -> OpenFile | None:
        """Remember a file; None where it is no Python. One that was never saved stands in `folder`."""
        path = _path_of(item.uri, folder)
        if path is None or not (item.language_id == "python" or path.suffix in _PYTHON_SUFFIXES):
            return None
        file = OpenFile(item.uri, path, [Text(item.uri, item.version, item.text)])
        self._files[_key(item.uri)] = file
        return file

    def open_notebook(
        self, notebook: types.NotebookDocument, texts: Sequence[types.TextDocumentItem], folder: Path | None
    ) -> OpenFile | None:
        """Remember a notebook and its cells."""
        path = _path_of(notebook.uri, folder, ".ipynb")
        if path is None:
            return None
        file = OpenFile(notebook.uri, path, _cells(notebook.cells, texts, ()), is_notebook=True)
        self._files[_key(notebook.uri)] = file
        return file

    def change_text(self, params: types.DidChangeTextDocumentParams) -> OpenFile | None:
        """Follow changes of a file; None where it is none of ours."""
        file = self.file(params.text_document.uri)
        if file is not None:
            file.cells[0].version = params.text_document.version
            file.cells[0].change(params.content_changes, self.positions)
        return file

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> OpenFile | None:
        """Follow changes of a notebook and of its cells; None where it is none of ours."""
        file = self.file(params.notebook_document.uri)
        changes = params.change.cells
        if file is None or changes is None:
            return None
        if changes.structure is not None:
            array = changes.structure.array
            replaced = slice(array.start, array.start + array.delete_count)
            file.cells[replaced] = _cells(array.cells or (), changes.structure.did_open or (), file.cells)
        kinds = {cell.document: cell.kind for cell in changes.data or ()}
        edits = {edit.document.uri: edit for edit in changes.text_content or ()}
        for cell in file.cells:
            if cell.uri in kinds:
                cell.is_code = _is_code(kinds[cell.uri])
            if (edit := edits.get(cell.uri)) is not None:
                cell.version = edit.document.version
                cell.change(edit.changes, self.positions)
        return file

    def close(self, uri: str) -> OpenFile | None:
        """Forget a file or notebook; None where it was not known."""
        return self._files.pop(_key(uri), None)

    def file(self, uri: str) -> OpenFile | None:
        """The file or notebook of a URI."""
        return self._files.get(_key(uri))

    def holding(self, uri: str) -> OpenFile | None:
        """The file of a URI, or the notebook that has a cell of it."""
        found = self.file(uri)
        if found is not None:
            return found
        return next((file for file in self if any(_key(cell.uri) == _key(uri) for cell in file.cells)), None)


def _cells(
    cells: Iterable[types.NotebookCell], opened: Iterable[types.TextDocumentItem], known: Iterable[Text]
) -> list[Text]:
    """The cells that a client lists: with the texts that it opens, or, when they have only moved, those `known`."""
    texts = {text.uri: Text(text.uri, text.version, text.content) for text in known}
    texts |= {text.uri: Text(text.uri, text.version, text.text) for text in opened}
    listed = [(texts.get(cell.document) or Text(cell.document, None, ""), cell.kind) for cell in cells]
    for text, kind in listed:
        text.is_code = _is_code(kind)
    return [text for text, _ in listed]


def _is_code(kind: types.NotebookCellKind | int) -> bool:
    return kind == types.NotebookCellKind.Code


def _path_of(uri: str, folder: Path | None, suffix: str = ".py") -> Path | None:
    """Where a document lies, or would lie in `folder` when it was never saved."""
    if uri.startswith("file:"):
        path = to_fs_path(uri)
        return Path(path).resolve() if path else None
    scheme, _, name = uri.partition(":")
    return folder / f"{unquote(name).strip('/')}{suffix}" if scheme == "untitled" and folder and name else None


def _key(uri: str) -> str:
    """A URI as clients spell it in one way or another."""
    return unquote(uri)
