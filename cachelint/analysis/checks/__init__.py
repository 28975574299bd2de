"""The rules: each module takes request models and yields findings; none knows syntax.

varying       CL1, CL2, CL3: what varies before a breakpoint
breakpoints   CL5: how many, in which order, where
effect        CL6: caching without effect
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cachelint.analysis.checks import breakpoints, effect, varying
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request

Check = Callable[[Request], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    varying.varying_prefix,
    breakpoints.too_many,
    breakpoints.ttl_order,
    effect.below_minimum,
)


def check(requests: Iterable[Request]) -> Iterator[Problem]:
    """Every problem of every request."""
    for request in requests:
        for rule in CHECKS:
            yield from rule(request)
