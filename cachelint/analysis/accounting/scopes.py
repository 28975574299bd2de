"""The functions of a module that read counters, each with its own nodes and what its names stand for."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cachelint.analysis.accounting.counters import FunctionNode, Names, bindings
from cachelint.analysis.mentions import COUNTER

MENTION = COUNTER.decode()
"""What the names of all counters end with."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the program around a function."""

    text: str
    """The module's source."""
    caches: bool
    """Whether a request of the same program sets a breakpoint."""

    def mentions(self, *words: str) -> bool:
        """Whether the module contains one of these words."""
        return any(word in self.text for word in words)


@dataclass(frozen=True, slots=True)
class Scope:
    """A function, or the statements of a module outside functions."""

    nodes: tuple[ast.AST, ...]
    """Every node, outermost first, without those of inner functions."""
    names: Names
    around: Surroundings


def scopes(tree: ast.Module, around: Surroundings) -> Iterator[Scope]:
    """The module itself, then each function in it, of those whose rows mention a counter."""
    rows = [row for row, line in enumerate(around.text.split("\n"), 1) if MENTION in line]
    toplevel = tuple(own_nodes(tree.body))
    outer = bindings(toplevel)
    yield Scope(toplevel, Names(outer, {}), around)
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            position = bisect_left(rows, node.lineno)
            if position < len(rows) and rows[position] <= (node.end_lineno or node.lineno):
                body = (node.body,) if isinstance(node, ast.Lambda) else node.body
                nodes = tuple(own_nodes(body))
                yield Scope(nodes, Names(bindings(nodes, node.args), outer), around)


def own_nodes(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Every node below `body` in the order of the source, without what inner functions hold."""
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, FunctionNode):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
