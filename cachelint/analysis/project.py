"""The project: its Python files, and how an import in one of them finds another."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from cachelint.analysis.contents import ModuleContents, Span, read_contents
from cachelint.analysis.listing import Listing
from cachelint.analysis.newer_syntax import parsed
from cachelint.analysis.reading import MAXIMUM_FILE_BYTES, read_file
from cachelint.analysis.syntax import Segment, parse_segment
from cachelint.analysis.text_files import SUFFIXES, TextFiles
from cachelint.analysis.trace import Trace
from cachelint.analysis.word_search import Search
from cachelint.clients import ClientsInUse
from cachelint.findings import Location

_LINE_END = re.compile(r"\r\n|\r|\n")


class UnreadableSource(Exception):
    """A file that cannot be read as Python; the message says why, `row` where."""

    def __init__(self, message: str, row: int = 1) -> None:
        super().__init__(message)
        self.row = row


@dataclass(slots=True, eq=False)
class Module:
    """One Python file, its text and its table of contents, both read when first needed."""

    project: Project
    filename: str
    """Relative to the project's root, with forward slashes."""
    source: str
    contents: ModuleContents
    lines: list[str] = field(default_factory=list)
    _segments: dict[Span, Segment | None] = field(default_factory=dict)
    cells: tuple[tuple[int, int], ...] = ()
    """For a notebook, the first row and the index of each cell."""
    unparsed: list[Span] = field(default_factory=list)
    """Rows that were needed and could not be parsed."""

    def __post_init__(self) -> None:
        self.lines = _LINE_END.split(self.source)

    @property
    def package(self) -> PurePosixPath:
        """The folder that holds the file."""
        return PurePosixPath(self.filename).parent

    def segment(self, span: Span) -> Segment | None:
        """The parsed rows of `span`; None when libcst cannot parse them."""
        if span not in self._segments:
            try:
                self._segments[span] = parse_segment(self, span.first, span.last)
            except Exception:  # libcst raises several kinds of errors
                self.unparsed.append(span)
                self._segments[span] = None
        return self._segments[span]

    def location(self, row: int, column: int, end_row: int, end_column: int) -> Location:
        """A location from rows counted from 1 and columns counted from 0."""
        filename, shift = self.filename, 0
        for first_row, index in self.cells:
            if first_row <= row:
                filename, shift = f"{self.filename}#cell{index}", first_row - 1
        return Location(filename, row - shift, column + 1, end_row - shift, end_column + 1)

    def row_in_file(self, location: Location) -> int:
        """The row of `lines` that a location in this module, or in a cell of it, starts at."""
        cell = location.filename.partition("#cell")[2]
        shift = next((first_row - 1 for first_row, index in self.cells if str(index) == cell), 0)
        return location.row + shift

    @property
    def text_names(self) -> list[str]:
        """The file's name, or those of its cells."""
        return [f"{self.filename}#cell{index}" for _, index in self.cells] or [self.filename]

    def text_of(self, filename: str) -> str:
        """The text of the module, or of one cell when `filename` names one."""
        cell = filename.partition("#cell")[2]
        if not cell:
            return self.source
        starts = [first_row for first_row, _ in self.cells] + [len(self.lines) + 1]
        position = next((i for i, (_, index) in enumerate(self.cells) if str(index) == cell), None)
        return "\n".join(self.lines[starts[position] - 1 : starts[position + 1] - 1]) if position is not None else ""


class Project:
    """All Python files below a root, read on demand."""

    def __init__(self, files: Mapping[str, Path | bytes], root: Path | None = None) -> None:
        """`files` maps relative names to a path on disk or to the content itself.

        What is not Python among them, and below `root` everything else, is there for programs that read it.
        """
        self._files = {name: origin for name, origin in files.items() if name.endswith(SUFFIXES)}
        self._texts = TextFiles({name: origin for name, origin in files.items() if name not in self._files}, root)
        self._bytes: dict[str, bytes] = {}
        self._modules: dict[str, Module | UnreadableSource] = {}
        self._listing = Listing(self._files)
        self._found: dict[Search, list[str]] = {}

    @property
    def filenames(self) -> list[str]:
        """All files, in a stable order."""
        return sorted(self._files)

    def content(self, filename: str) -> bytes:
        """The bytes of a file; empty when it cannot be read (`module` says why)."""
        if filename not in self._bytes:
            origin = self._files[filename]
            try:
                self._bytes[filename] = origin if isinstance(origin, bytes) else _read(origin)
            except (OSError, UnreadableSource):
                self._bytes[filename] = b""
        return self._bytes[filename]

    def module(self, filename: str) -> Module | None:
        """The module in a file, or the template that was read under that name; None when it cannot be read."""
        known = self._modules.get(filename)
        if known is None:
            try:
                known = self._load(filename)
            except UnreadableSource as problem:
                known = problem
            self._modules[filename] = known
        return known if isinstance(known, Module) else None

    def text_file(self, path: str, reader: Module) -> str | None:
        """The text of a file that code in `reader` names; None when it is not in the project."""
        return self._texts.text(path, reader.package)

    def looked_up(self) -> dict[str, str | None]:
        """The files that `text_file` has tried, with digests of their texts; None where there was none."""
        return self._texts.looked_up()

    def trace(self, clients: ClientsInUse) -> Trace:
        """What was read and asked of the project so far; `clients` are those that its files mention."""
        return Trace(
            clients,
            tuple(sorted(self._modules.keys() & self._files.keys())),
            tuple((search.kind, search.name, tuple(files)) for search, files in self._found.items()),
            tuple((*question, answer) for question, answer in self._listing.answers.items()),
            tuple(sorted(self.packages)),
        )

    def template(self, filename: str, text: str) -> Module:
        """A template, as a module of which only the text counts."""
        known = self._modules.get(filename)
        if not isinstance(known, Module) or known.source != text:
            known = self._modules[filename] = Module(self, filename, text, ModuleContents())
        return known

    def read_modules(self) -> list[Module]:
        """The modules that were read so far, by their names."""
        return [module for _, module in sorted(self._modules.items()) if isinstance(module, Module)]

    def is_read(self, filename: str) -> bool:
        """Whether a file has been read already."""
        return filename in self._modules

    def problem(self, filename: str) -> UnreadableSource | None:
        """Why a file could not be read, when it could not."""
        self.module(filename)
        known = self._modules[filename]
        return known if isinstance(known, UnreadableSource) else None

    def text(self, filename: str) -> str:
        """The text of a file, of a notebook that of its cells; empty when it cannot be read (`module` says why)."""
        known = self._modules.get(filename)
        if isinstance(known, Module):
            return known.source
        try:
            return self._text(filename)[0]
        except UnreadableSource:
            return ""

    def _text(self, filename: str) -> tuple[str, tuple[tuple[int, int], ...]]:
        origin = self._files[filename]
        try:
            raw = origin if isinstance(origin, bytes) else _read(origin)
        except OSError as error:
            raise UnreadableSource(f"cannot be read: {error.strerror or error}") from None
        if filename.endswith(".ipynb"):
            from cachelint.analysis.notebooks import notebook_source

            return notebook_source(raw)
        return decode(raw), ()

    def _load(self, filename: str) -> Module:
        source, cells = self._text(filename)
        try:
            contents = read_contents(parsed(source))
        except SyntaxError as error:
            raise UnreadableSource(f"is not valid Python: {error.msg}", error.lineno or 1) from None
        except (RecursionError, MemoryError):
            raise UnreadableSource("is nested too deeply to be parsed") from None
        except ValueError as error:
            raise UnreadableSource(f"is not valid Python: {error}") from None
        return Module(self, filename, source, contents, cells=cells)

    # -- imports ---------------------------------------------------------------------------------------------------

    def resolve(self, importer: Module, module: str, level: int) -> str | None:
        """The file that `module`, imported in `importer` with `level` leading dots, stands in; None when outside."""
        return self._listing.module(importer.filename, module, level)

    def is_package(self, importer: Module, module: str, level: int) -> str | None:
        """The folder of a package without `__init__.py`, when `module` names one."""
        return self._listing.package(importer.filename, module, level)

    def has_file(self, filename: str) -> bool:
        """Whether it has such a Python file."""
        return self._listing.file(filename) is not None

    @property
    def packages(self) -> frozenset[str]:
        """The top-level packages that it defines."""
        return self._listing.packages

    # -- words -----------------------------------------------------------------------------------------------------

    def files_calling(self, name: str) -> list[str]:
        """The files that call a name or an attribute, hand it on to be called, or import it under another name."""
        return self._files_matching(Search("calling", name))

    def files_mentioning(self, name: str) -> list[str]:
        """The files that have a name in them."""
        return self._files_matching(Search("mentioning", name))

    def files_defining(self, name: str) -> list[str]:
        """The files that define a function of that name."""
        return self._files_matching(Search("defining", name))

    def files_deriving(self, name: str) -> list[str]:
        """The files with a class that names `name` among its bases."""
        return self._files_matching(Search("deriving", name))

    def files_decorating(self, name: str) -> list[str]:
        """The files in which a decorator of that name is applied."""
        return self._files_matching(Search("decorating", name))

    def files_assigning(self, name: str) -> list[str]:
        """The files that assign an attribute `name` of something."""
        return self._files_matching(Search("assigning", name))

    def _files_matching(self, search: Search) -> list[str]:
        if search not in self._found:
            matches = search.matcher()
            self._found[search] = [name for name in self.filenames if matches(self.content(name))]
        return self._found[search]


def _read(path: Path) -> bytes:
    content = read_file(path)
    if len(content) > MAXIMUM_FILE_BYTES:
        raise UnreadableSource(f"is larger than {MAXIMUM_FILE_BYTES // 1_000_000} MB, which no hand-written source is")
    return content


def decode(raw: bytes) -> str:
    """Source text from bytes, as Python reads it: a BOM, a coding comment, else UTF-8.

    Raises:
        UnreadableSource: when the bytes are not text in the declared encoding.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableSource(f"is not text in its encoding: {error}") from None


def encode(text: str) -> bytes:
    """Bytes that `decode` reads as this text: in the encoding that its coding comment declares."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
    return text.encode(encoding)
