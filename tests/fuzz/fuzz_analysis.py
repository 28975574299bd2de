"""Coverage-guided fuzzing of the way from source to findings: ``make fuzz SECONDS=900``; a crash writes its bytes.

Bytes are read as the choices of a grammar, or, after a first byte of at least 224, spliced into such a program.
``python tests/fuzz/fuzz_analysis.py crash-...`` runs one of them again; with SHOW=1 it prints its program too.
"""

from __future__ import annotations

import os
import sys

import atheris

with atheris.instrument_imports(include=["cachelint"]):
    from cachelint.analysis import (
        analyze_sources,
        engine,  # noqa: F401  it imports the rest while that is instrumented
    )

from grammar import Choices, program

SPLICING = 224


def sources(content: bytes) -> dict[str, str]:
    """The modules that bytes stand for."""
    if content[:1] < bytes([SPLICING]):
        return program(Choices(content[1:]))
    place, spliced = int.from_bytes(content[1:3], "big"), content[3:35].decode("utf-8", "replace")
    modules = program(Choices(content[35:]))
    at = place % len(modules["app.py"])
    return modules | {"app.py": modules["app.py"][:at] + spliced + modules["app.py"][at:]}


def analyse(content: bytes) -> None:
    """Analyse what the bytes stand for: whatever it is, there is an outcome."""
    modules = sources(content)
    if os.environ.get("SHOW"):
        print("\n".join(f"# {name}\n{text}" for name, text in modules.items()))
    analysis = analyze_sources(modules)
    for finding in analysis.findings:
        assert finding.location.filename in modules, finding


if __name__ == "__main__":
    atheris.Setup(sys.argv, analyse)
    atheris.Fuzz()
