"""CL702: tokens that are counted twice, subtracted where they were never included, or priced as something else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cachelint.analysis.accounting.counters import CACHE_KINDS, Counter, Kind
from cachelint.analysis.accounting.products import counters_in_sum, products
from cachelint.analysis.accounting.scopes import Scope, own_nodes
from cachelint.analysis.accounting.slip import Slip
from cachelint.findings import Confidence

_INCLUSIVE = ("input_tokens_details", "prompt_tokens_details", "cached_tokens", "input_token_details")
"""Fields of usages whose `input_tokens` includes what was read from the cache."""
_START = ("message_start", "RawMessageStartEvent", "MessageStartEvent")
_DELTA = ("message_delta", "RawMessageDeltaEvent", "MessageDeltaEvent")


def one_price_for_all(scope: Scope) -> Iterator[Slip]:
    """The sum of the input counters, times a price."""
    for product in products(scope.nodes, scope.names):
        if not product.is_priced:
            continue
        for factor in product.factors:
            kinds = {counter.kind for counter in counters_in_sum(factor, scope.names)}
            if Kind.READ in kinds and Kind.FRESH in kinds:
                yield Slip(
                    "CL702",
                    product.node,
                    "Tokens read from the cache are priced as input, which is 10 to 40 times what they cost.",
                )


def subtracted(scope: Scope) -> Iterator[Slip]:
    """`input_tokens` less a cache counter, as if it were included."""
    if scope.around.mentions(*_INCLUSIVE):
        return
    inside: set[int] = set()
    for node in scope.nodes:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub) or id(node) in inside:
            continue
        left: ast.expr = node
        taken: list[Counter] = []
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub):
            inside.add(id(left))
            taken += counters_in_sum(left.right, scope.names)
            left = left.left
        counter = scope.names.counter(left)
        known = {each.kind for each in taken} & CACHE_KINDS
        if counter is not None and counter.kind is Kind.FRESH and known:
            listed = " and ".join(f"`{kind.value}`" for kind in sorted(known, key=lambda kind: kind.value))
            yield Slip(
                "CL702",
                node,
                f"`input_tokens` never includes {listed}: the difference is too small, and mostly negative.",
                Confidence.LOW if _has_own_usage(scope) else None,
            )


def _has_own_usage(scope: Scope) -> bool:
    """Whether the module defines a usage of its own, which may count otherwise."""
    return scope.around.mentions("cache_read_input_tokens:", "cache_creation_input_tokens:")


def stream_added_up(scope: Scope) -> Iterator[Slip]:
    """One total that takes a counter of `message_start` and adds the same counter of `message_delta`."""
    started: dict[tuple[str, Kind], ast.AST] = {}
    added: list[tuple[tuple[str, Kind], ast.AST]] = []
    for branch, event in _branches(scope):
        for node in own_nodes(branch):
            target = _target(node)
            if target is None:
                continue
            for counter in counters_in_sum(target[1], scope.names):
                place = ast.unparse(target[0]), counter.kind
                if event == "start":
                    started[place] = node
                elif isinstance(node, ast.AugAssign):
                    added.append((place, node))
    for place, node in added:
        if place in started:
            yield Slip(
                "CL702",
                node,
                f"`{place[1].value}` of message_delta is the total so far and replaces that of message_start; "
                f"here they are added up.",
            )


def _target(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        return node.target, node.value
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0], node.value
    return None


def _branches(scope: Scope) -> Iterator[tuple[list[ast.stmt], str]]:
    """The branches that handle one kind of event, with `start` or `delta`."""
    for node in scope.nodes:
        if isinstance(node, ast.If):
            event = _event(node.test)
            if event:
                yield node.body, event
        elif isinstance(node, ast.match_case):
            event = _event(node.pattern)
            if event:
                yield node.body, event


def _event(test: ast.AST) -> str | None:
    """The kind of event that a condition asks for, when it is a single one."""
    if any(isinstance(node, (ast.Not, ast.NotEq, ast.Or)) for node in ast.walk(test)):
        return None
    words = {node.value for node in ast.walk(test) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words |= {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    start, delta = not words.isdisjoint(_START), not words.isdisjoint(_DELTA)
    return "start" if start and not delta else "delta" if delta and not start else None
