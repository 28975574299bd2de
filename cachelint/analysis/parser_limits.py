"""What is too much for libcst: its parser takes time and memory by the square of how deep expressions are nested."""

from __future__ import annotations

import ast

from cachelint.analysis.newer_syntax import tree_of

MAXIMUM_DEPTH = 2_100
"""Expressions inside expressions: `a.b.c` is three. At 5,000 a statement takes ten seconds and a gigabyte."""

MAXIMUM_NODES = 60_000
"""Nodes in one statement or function: five seconds and 250 MB. More of them is data, not code."""

_HARMLESS_CHARACTERS = 30_000
_HARMLESS_ROW = 1_500
"""A shorter text of shorter rows is not looked into."""


def too_much(text: str) -> bool:
    """Whether a statement or a function is too large, or nested too deeply, to be parsed by libcst."""
    if len(text) <= _HARMLESS_CHARACTERS and max(map(len, text.split("\n"))) <= _HARMLESS_ROW:
        return False
    try:
        tree = tree_of(text)
    except (RecursionError, MemoryError):
        return True
    except (SyntaxError, ValueError):
        return False  # newer syntax, perhaps
    nodes = 0
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        nodes += 1
        if depth > MAXIMUM_DEPTH or nodes > MAXIMUM_NODES:
            return True
        stack += ((child, depth + 1 if isinstance(child, ast.expr) else 0) for child in ast.iter_child_nodes(node))
    return False
