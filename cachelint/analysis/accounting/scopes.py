"""The functions of a module that read counters, each with its own nodes and what its names stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cachelint.analysis.accounting.counters import FunctionNode, Names, bindings


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

    body: tuple[ast.AST, ...]
    names: Names
    around: Surroundings

    def nodes(self) -> Iterator[ast.AST]:
        """Every node, outermost first, without those of inner functions."""
        return own_nodes(self.body)


def scopes(tree: ast.Module, around: Surroundings) -> Iterator[Scope]:
    """The module itself, then each function in it."""
    outer = bindings(own_nodes(tree.body))
    yield Scope(tuple(tree.body), Names(outer, {}), around)
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            body: tuple[ast.AST, ...] = (node.body,) if isinstance(node, ast.Lambda) else tuple(node.body)
            yield Scope(body, Names(bindings(own_nodes(body), node.args), outer), around)


def own_nodes(body: tuple[ast.AST, ...] | list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node below `body` in the order of the source, without what inner functions hold."""
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, FunctionNode):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
