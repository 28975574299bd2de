"""The names of one running function, and what it has returned so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from cachelint.analysis.project import Module
from cachelint.analysis.syntax import Segment
from cachelint.analysis.values import Class, Function, Sequence, Value


@dataclass(slots=True, eq=False)
class Scope:
    """One activation of a function, class body or module."""

    module: Module
    segment: Segment
    function: Function | None = None
    parent: Scope | None = None
    owner: Class | None = None
    names: dict[str, Value] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    yielded: Sequence = field(default_factory=lambda: Sequence("iterator"))
    stopped: bool = False
    """True behind a return, raise, break or continue on the current path."""
    at_import: bool = False
    """True for module and class bodies evaluated to learn a name, not run as a script."""
    relevant: frozenset[str] | None = None
    """Names that matter to what is asked; None when everything does."""
    results: bool = True
    """Whether what it returns or yields is asked for."""
    ends: frozenset[int] = frozenset()
    """The statements, by id, behind which nothing of what is asked for happens any more."""
