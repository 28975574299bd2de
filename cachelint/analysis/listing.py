"""Which files a project has, and how an import in one of them finds another: by names alone, nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath
from typing import NamedTuple


class Question(NamedTuple):
    """What an analysis asks of a listing."""

    kind: str
    """``module``, ``package`` or ``file``."""
    importer: str
    """The file that imports; empty for a ``file``."""
    name: str
    """What it imports, ``..tools.search`` with its leading dots; or the name of the file."""


class Listing:
    """The names of a project's Python files, relative to its root; it remembers what it was asked."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._tops: dict[str, list[str]] | None = None
        self._folders: set[str] = set()
        self.answers: dict[Question, str | None] = {}
        """Everything that was asked so far, with what was answered."""

    def module(self, importer: str, module: str, level: int) -> str | None:
        """The file of a module that `importer` imports with `level` leading dots; None where it is none of them."""
        return self._answer(Question("module", importer, "." * level + module))

    def package(self, importer: str, module: str, level: int) -> str | None:
        """The folder of a package without `__init__.py` that `importer` imports; None when there is none."""
        return self._answer(Question("package", importer, "." * level + module))

    def file(self, name: str) -> str | None:
        """The name itself; None when the project has no such file."""
        return self._answer(Question("file", "", name))

    @property
    def packages(self) -> frozenset[str]:
        """The top-level packages that the project defines."""
        roots = (PurePosixPath(name).parent for name in self._names if name.endswith("/__init__.py"))
        return frozenset(root.name for root in roots if f"{root.parent}/__init__.py" not in self._names)

    def answers_like(self, answers: Iterable[tuple[Question, str | None]]) -> bool:
        """Whether questions that another listing was asked have the same answers here."""
        return all(self._answer(question) == answer for question, answer in answers)

    def _answer(self, question: Question) -> str | None:
        if question not in self.answers:
            self.answers[question] = _ANSWERS[question.kind](self, question)
        return self.answers[question]

    def _file(self, question: Question) -> str | None:
        return question.name if question.name in self._names else None

    def _module(self, question: Question) -> str | None:
        module = question.name.lstrip(".")
        relative = module.replace(".", "/")
        folder = PurePosixPath(question.importer).parent
        level = len(question.name) - len(module)
        if level:
            return self._file_for(_above(folder, level), relative)
        for base in (folder, *folder.parents):
            found = self._file_for(base, relative)
            if found is not None and found != question.importer:
                return found
        top = relative.partition("/")[0]
        bases = (PurePosixPath(base) for base in self._top_level().get(top, ()))
        return next((found for base in bases if (found := self._file_for(base, relative)) is not None), None)

    def _file_for(self, base: PurePosixPath, relative: str) -> str | None:
        stem = str(base / relative) if relative else str(base)
        if stem.startswith("./"):
            stem = stem[2:]
        candidates = (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi") if stem != "." else ("__init__.py",)
        return next((candidate for candidate in candidates if candidate in self._names), None)

    def _package(self, question: Question) -> str | None:
        self._top_level()
        module = question.name.lstrip(".")
        relative = module.replace(".", "/")
        folder = PurePosixPath(question.importer).parent
        level = len(question.name) - len(module)
        bases = (_above(folder, level),) if level else (folder, *folder.parents)
        return next((str(base / relative) for base in bases if str(base / relative) in self._folders), None)

    def _top_level(self) -> dict[str, list[str]]:
        """For each importable top-level name, the folders that hold it, outermost first."""
        if self._tops is None:
            tops: dict[str, set[str]] = {}
            for name in self._names:
                path = PurePosixPath(name)
                if path.name != "__init__.py":
                    tops.setdefault(path.stem, set()).add(str(path.parent))
                for folder in path.parents:
                    self._folders.add(str(folder))
                    tops.setdefault(folder.name, set()).add(str(folder.parent))
            self._tops = {name: sorted(bases, key=lambda base: (base.count("/"), base)) for name, bases in tops.items()}
        return self._tops


_ANSWERS: dict[str, Callable[[Listing, Question], str | None]] = {
    "module": Listing._module,
    "package": Listing._package,
    "file": Listing._file,
}


def _above(folder: PurePosixPath, level: int) -> PurePosixPath:
    """The folder that so many leading dots mean in a module of `folder`."""
    for _ in range(level - 1):
        folder = folder.parent
    return folder
