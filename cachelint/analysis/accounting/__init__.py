"""CL7: code that reads the `usage` of a response wrongly. It is about arithmetic, so it knows nothing of prompts.

counters      where an expression reads a counter
scopes        the functions of a module
products      sums and products of counters, prices and numbers
incomplete    CL701
doubled       CL702
multipliers   CL703

Works on `ast`: no value has to be followed, and only files that mention a counter are read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from cachelint.analysis.accounting.doubled import one_price_for_all, stream_added_up, subtracted
from cachelint.analysis.accounting.incomplete import input_alone, may_be_none
from cachelint.analysis.accounting.multipliers import fixed_multiplier
from cachelint.analysis.accounting.scopes import MENTION, Scope, Surroundings, scopes
from cachelint.analysis.accounting.slip import Slip
from cachelint.analysis.newer_syntax import parsed
from cachelint.analysis.project import Module, Project
from cachelint.findings import Finding, Location
from cachelint.rulebook import rulebook

_CHECKS: tuple[Callable[[Scope], Iterator[Slip]], ...] = (
    input_alone,
    may_be_none,
    one_price_for_all,
    subtracted,
    stream_added_up,
    fixed_multiplier,
)


def accounting(project: Project, filename: str, *, caches: bool) -> Iterator[Finding]:
    """What a file reads wrongly; `caches` says whether its program sends requests with breakpoints."""
    if _may_be_wrong(project.content(filename), caches=caches):
        yield from _in_file(project, filename, caches)


def _may_be_wrong(content: bytes, *, caches: bool) -> bool:
    """Whether a file reads a counter where the cache plays a part, or adds counters up."""
    return MENTION.encode() in content and (caches or any(word in content for word in _TELLING))


_TELLING = (b"cache_read", b"cache_creation", b"cache_write", b"+=")


def _in_file(project: Project, filename: str, caches: bool) -> Iterator[Finding]:
    slips = list(_slips(project.text(filename), caches))
    module = project.module(filename) if slips else None
    seen: set[tuple[str, Location]] = set()
    for slip in slips if module is not None else ():
        finding = _finding(module, slip)  # type: ignore[arg-type]
        if (finding.code, finding.location) not in seen:
            seen.add((finding.code, finding.location))
            yield finding


def _slips(text: str, caches: bool) -> Iterator[Slip]:
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # what cannot be parsed is reported as such, where it matters
    for scope in scopes(tree, Surroundings(text, caches)):
        for check in _CHECKS:
            yield from check(scope)


def _finding(module: Module, slip: Slip) -> Finding:
    rule = rulebook().find(slip.code)
    assert rule is not None, slip.code
    location = _location(module, slip.node)
    return Finding(
        code=slip.code,
        name=rule.name,
        severity=rule.severity,
        confidence=slip.confidence or rule.confidence,
        message=slip.message,
        location=location,
        advice=rule.help,
        context=module.lines[module.row_in_file(location) - 1].strip(),
    )


def _location(module: Module, node: ast.AST) -> Location:
    """Where a node stands; `ast` counts columns in bytes of UTF-8."""
    assert isinstance(node, (ast.expr, ast.stmt))
    last_row = node.end_lineno or node.lineno
    return module.location(
        node.lineno,
        _characters(module, node.lineno, node.col_offset),
        last_row,
        _characters(module, last_row, node.end_col_offset or 0),
    )


def _characters(module: Module, row: int, offset: int) -> int:
    return len(module.lines[row - 1].encode()[:offset].decode())
