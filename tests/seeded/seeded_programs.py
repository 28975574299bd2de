"""The clean programs of `fixtures/seeded`: what they hold, and copies of them with one expression replaced.

Each is a folder with a `main.py` (or `main.ipynb`) that has a function `main(questions)`. Run with the simulated API it
sends at least two requests, whose prompts are correctly cached.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "fixtures" / "seeded"


@dataclass(frozen=True)
class Program:
    """A program as texts by file name. A code cell of a notebook is a file of its own: ``main.ipynb#cell2``."""

    name: str
    modules: Mapping[str, str]
    """Python."""
    others: Mapping[str, str]
    """What the program reads, and notebooks with the source that their cells had."""

    def with_module(self, filename: str, text: str) -> Program:
        """The program with another text of one module, or with one module more."""
        return replace(self, modules={**self.modules, filename: text})

    def files(self) -> dict[str, str]:
        """Every file as it lies on disk."""
        written = {name: text for name, text in self.modules.items() if "#cell" not in name}
        written.update(self.others)
        for name, text in self.others.items():
            if name.endswith(".ipynb"):
                written[name] = json.dumps(_with_cells(json.loads(text), name, self.modules), indent=1) + "\n"
        return written

    def sources(self) -> dict[str, str]:
        """The files that are analysed."""
        return {name: text for name, text in self.files().items() if name.endswith((".py", ".ipynb"))}


def programs() -> list[Program]:
    """All of them, by name."""
    return [_program(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir()]


def _program(folder: Path) -> Program:
    modules, others = {}, {}
    for file in sorted(file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts):
        name = file.relative_to(folder).as_posix()
        text = file.read_text(encoding="utf-8")
        (modules if name.endswith(".py") else others)[name] = text
        if name.endswith(".ipynb"):
            modules.update(_cells(json.loads(text), name))
    return Program(folder.name, modules, others)


def _cells(notebook: dict, name: str) -> Iterator[tuple[str, str]]:
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            yield f"{name}#cell{index}", "".join(cell["source"])


def _with_cells(notebook: dict, name: str, modules: Mapping[str, str]) -> dict:
    for index, cell in enumerate(notebook["cells"]):
        text = modules.get(f"{name}#cell{index}")
        if text is not None:
            cell["source"] = text.splitlines(keepends=True)
    return notebook
