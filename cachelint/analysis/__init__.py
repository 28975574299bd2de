"""Source to findings: what varies, followed through functions, classes and modules into the cached prefix of a request.

discovery    which files there are
project      their text; listing: how imports find them; word_search: which have a word
mentions     which files can matter
contents     what a module defines, on which rows
interpreter  what expressions may be and what makes them vary
library      what library functions do
sources      what varies; sinks: what sends a prompt
contexts     who calls a function, with what
request      the request that a call sends
checks       what is wrong with a request
outcome      what is found, and what of it is reported; file_outcomes: what is found in a file by itself
trace        what an outcome was made of
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.config import Settings
from cachelint.findings import Finding, Note, RequestSite

if TYPE_CHECKING:
    from cachelint.analysis.checks.report import Fixer
    from cachelint.analysis.outcome import Results


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block of a request, as the analysis sees it."""

    position: str
    marker: str | None
    """``5m`` or ``1h`` when it carries a breakpoint, ``?`` for one of unknown lifetime."""
    varies: tuple[str, ...]
    """What makes it vary, with how often: ``datetime.now() (request)``."""
    minimum_tokens: int
    """Tokens of the text that is known, estimated from below."""
    known: bool
    """True when all of its text is known."""
    excerpt: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request that the analysis has found."""

    site: RequestSite
    blocks: tuple[BlockView, ...]
    automatic: str | None
    """The lifetime of the automatic breakpoint, when the request asks for one."""
    notes: tuple[str, ...] = ()
    """What is not known of it, and why."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The outcome of a run."""

    findings: tuple[Finding, ...]
    requests: tuple[RequestView, ...]
    notes: tuple[Note, ...]
    files: int
    """Python files in scope."""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    commented: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The texts of the files in scope that mention `cachelint`, for suppression comments in them."""

    def source(self, filename: str) -> str:
        """The text of a file (or notebook cell) that findings point into; empty when there is none."""
        return self.sources.get(filename) or self.commented.get(filename, "")


def analyze(
    root: Path,
    targets: Sequence[Path],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    rewritten: Mapping[str, str] | None = None,
    fixer: Fixer | None = None,
    cache: Path | None = None,
) -> Analysis:
    """Check the files in `targets`, resolving into everything below `root`.

    `stdin` is the name and content of a file that stands for the one on disk; `rewritten` holds texts by file name that
    stand for what is on disk as well, and that are reported on where nothing is. Findings carry the fixes that `fixer`
    makes. The outcome is kept in the folder `cache`, or taken from it when everything is as it was, except where a text
    stands for what is on disk: that one is rarely seen again.

    Raises:
        InputError: when a target does not exist or lies outside `root`.
    """
    from cachelint.analysis.discovery import discover
    from cachelint.analysis.outcome import reported

    files, scope = discover(root, targets, settings)
    if cache is not None and stdin is None and not rewritten:
        from cachelint.result_cache import Inputs, remembered

        inputs = Inputs(root, files, scope, settings, fixer is not None)
        return remembered(cache, inputs, lambda exact: _results(root, exact, scope, settings, fixer))
    if stdin is not None:
        name, content = stdin
        files[name] = content
        scope.add(name)
    if rewritten:
        from cachelint.analysis.project import encode

        scope |= rewritten.keys() - files.keys()
        files |= {name: encode(text) for name, text in rewritten.items()}
    results = _results(root, files, scope, settings, fixer)
    return reported(results.project, results.files, scope)


def _results(
    root: Path, files: Mapping[str, Path | bytes], scope: Set[str], settings: Settings, fixer: Fixer | None
) -> Results:
    from cachelint.analysis.mentions import nothing_to_find
    from cachelint.analysis.outcome import ProjectOutcome, Results
    from cachelint.analysis.trace import Trace

    clients = nothing_to_find(files, settings)
    if clients is not None:
        return Results(ProjectOutcome(), {}, Trace(clients=clients))
    # Only now: this imports a parser, which takes longer than looking through a large project.
    from cachelint.analysis.engine import run

    return run(files, scope, settings, fixer, root)


def analyze_sources(
    sources: Mapping[str, str], settings: Settings | None = None, fixer: Fixer | None = None
) -> Analysis:
    """Check a project that is given as a mapping of relative file names to texts."""
    from cachelint.analysis.engine import run
    from cachelint.analysis.outcome import reported
    from cachelint.analysis.text_files import SUFFIXES

    scope = {name for name in sources if name.endswith(SUFFIXES)}
    results = run({name: text.encode() for name, text in sources.items()}, scope, settings or Settings(), fixer)
    return reported(results.project, results.files, scope)
