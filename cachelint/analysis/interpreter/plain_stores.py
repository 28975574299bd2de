"""Stores whose value depends on nothing else that their function does: `self.mode = "fast"`, `self.history = []`.

What they store is known without running the function, which may be long.
"""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import relevance
from cachelint.analysis.values import Function


def plain_stores(function: Function, name: str) -> list[cst.BaseExpression]:
    """What a method assigns to the attribute `name` of its object; empty when it must be run to tell."""
    path = f"self.{name}"
    facts = relevance.facts_of(function.node.body)
    own = set(function.contents.parameters) if function.contents is not None else set()
    local = (facts.binds | own) - {"self", "cls"}
    found: list[cst.BaseExpression] = []
    for leaf in relevance.leaves(function.node.body):
        if path not in relevance.facts_of(leaf).binds:
            continue
        value = _assigned(leaf, name)
        if value is None or relevance.facts_of(value).loads & local:
            return []
        found.append(value)
    return found if len(found) == 1 or all(isinstance(value, _LITERALS) for value in found) else []


def _assigned(leaf: cst.CSTNode, name: str) -> cst.BaseExpression | None:
    if isinstance(leaf, cst.Assign) and len(leaf.targets) == 1:
        target: cst.BaseExpression = leaf.targets[0].target
    elif isinstance(leaf, cst.AnnAssign) and leaf.value is not None:
        target = leaf.target
    else:
        return None
    plain = isinstance(target, cst.Attribute) and target.attr.value == name and isinstance(target.value, cst.Name)
    return leaf.value if plain else None


_LITERALS = (cst.Name, cst.SimpleString, cst.Integer, cst.Float)
