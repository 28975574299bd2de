"""Rewrites that remove findings: spans of text to replace, so that everything around them stays as it is.

place          a node, what is around it, and edits of it
names          what a name stands for; elements: whether what a set holds are strings; dicts: keys added and taken out
ordering       CL201, CL203, CL204: sorted(...)
serialization  CL202: sort_keys=True
seeds          CL103: random_state=0
splitting      CL101, CL301: one block becomes two; halves: where its text is cut
markers        CL502, CL504, CL505, CL602: breakpoints moved, mended and added
editing        edits applied to texts
rounds         analysis and edits in turn, until nothing changes
files          texts written to disk

The analysis does not know this package. It hands each problem to the function that it is given, and `fix_of` is that
function: a fix needs the syntax tree and the request, which are gone when only findings are left.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from cachelint.analysis.text_files import SUFFIXES
from cachelint.findings import Fix
from cachelint.fixing.editing import FixedSources, apply_fixes

if TYPE_CHECKING:
    from cachelint.analysis.checks.report import Problem

__all__ = ["FixedSources", "apply_fixes", "fix_of"]

Fixer = Callable[["Problem"], Fix | None]


def fix_of(problem: Problem) -> Fix | None:
    """The rewrite that removes a problem; None when there is none that is known to be right."""
    fixer = _fixers().get(problem.code)
    if fixer is None or not problem.site.segment.module.filename.endswith(SUFFIXES):
        return None
    if problem.code in _SHAPING and problem.request.call.sink.client != "anthropic":
        return None
    return fixer(problem)


_SHAPING = frozenset(("CL101", "CL301", "CL502", "CL504", "CL505", "CL602"))
"""Their fixes write blocks and markers as the anthropic SDK takes them, which other clients may not."""


@cache
def _fixers() -> dict[str, Fixer]:
    from cachelint.fixing import markers, ordering, seeds, serialization, splitting

    return {
        "CL101": splitting.split,
        "CL103": seeds.seed,
        "CL201": ordering.sort_set,
        "CL202": serialization.sort_keys,
        "CL203": ordering.sort_tools,
        "CL204": ordering.sort_listing,
        "CL301": splitting.split,
        "CL502": markers.move_before_varying,
        "CL504": markers.mend_value,
        "CL505": markers.move_behind_static,
        "CL602": markers.add,
    }
