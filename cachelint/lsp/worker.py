"""The process that analyses: answers one question after another, until its standard input ends."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from cachelint.analysis.discovery import SUFFIXES, discover
from cachelint.analysis.newer_syntax import parsed
from cachelint.analysis.project import encode
from cachelint.baseline import read_baseline
from cachelint.checking import Question, check
from cachelint.config import Settings, load_settings
from cachelint.errors import CachelintError
from cachelint.findings import Finding
from cachelint.lsp.wire import Asked, OpenText, Told, own_standard_output, packed, receive

UNREADABLE = "CL902"
"""Somebody is typing, and the editor says itself where the syntax is wrong."""


def main() -> None:
    """Reads questions from standard input and writes answers to standard output."""
    # Only now known to be wanted, and needed by every answer: the first is not to wait for them.
    import cachelint.analysis.engine
    import cachelint.fixing.markers  # noqa: F401

    answers = own_standard_output()
    while (question := receive(sys.stdin.buffer)) is not None:
        answers.write(packed(answer(question)))
        answers.flush()


def answer(question: Asked) -> Told:
    """What a check of the open files finds; never raises."""
    try:
        return _checked(question)
    except CachelintError as error:
        return Told(problem=str(error))
    except Exception as error:
        return Told(problem=f"cachelint failed, and that is our mistake: {type(error).__name__}: {error}")


def _checked(question: Asked) -> Told:
    settings = load_settings(question.root)
    scope = _scope(question, settings)
    broken = frozenset(name for name in scope if not _is_python(name, question.open_texts[name].text))
    texts = _readable_texts({name: question.open_texts[name] for name in scope}, broken)
    targets = [path for name in scope if (path := question.root / name).exists()]
    if not targets and not texts:
        return Told(broken=broken)
    baseline = read_baseline(question.root / settings.baseline) if settings.baseline else None
    outcome = check(Question(question.root, targets, settings, rewritten=texts, baseline=baseline)).outcome
    findings = tuple(finding for finding in outcome.findings if finding.code != UNREADABLE)
    names = {name for finding in findings for name in _filenames(finding)}
    return Told(findings, {name: outcome.source(name) for name in names}, broken)


def _scope(question: Asked, settings: Settings) -> list[str]:
    """The open files that a check of the whole project would report on, and those that are not on disk yet."""
    listed, _ = discover(question.root, [], settings)
    return sorted(
        name
        for name in question.open_texts
        if name in listed or not name.endswith(SUFFIXES) or not (question.root / name).exists()
    )


def _is_python(filename: str, text: str) -> bool:
    """Whether a text can be read; notebooks always can, cell by cell."""
    try:
        encode(text)
        if not filename.endswith(".ipynb"):
            parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _readable_texts(open_texts: Mapping[str, OpenText], broken: frozenset[str]) -> dict[str, str]:
    """The text of each file, or the last one that could be read; none where there never was one."""
    texts = {name: each.parsed if name in broken else each.text for name, each in open_texts.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _filenames(finding: Finding) -> set[str]:
    """The files that a diagnostic of `finding`, or its fix, has places in."""
    places = [finding.location, *(step.location for step in finding.flow)]
    places += [finding.request.location] if finding.request else []
    places += [edit.location for edit in finding.fix.edits] if finding.fix else []
    return {place.filename for place in places}


if __name__ == "__main__":
    main()
