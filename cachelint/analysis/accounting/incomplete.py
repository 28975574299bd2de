"""CL701: costs and context sizes from `input_tokens` alone, and arithmetic on counters that may be None."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cachelint.analysis.accounting.counters import CACHE_KINDS, Counter, Kind, Names
from cachelint.analysis.accounting.products import products, terms
from cachelint.analysis.accounting.scopes import Scope
from cachelint.analysis.accounting.slip import Slip

_CACHE_WORDS = ("cache_read", "cache_creation", "cache_write")
_OTHER_VENDORS = ("openai", "input_tokens_details", "prompt_tokens_details")
_SENDING = re.compile(r"(^|\.)messages\.(with_raw_response\.)?(create|parse)$|\.get_final_message$")
_SIZE_WORDS = re.compile(r"context|window", re.IGNORECASE)
_ROOMY = 1_000
"""A number that a prompt is compared with is a limit of its size from here on."""


def input_alone(scope: Scope) -> Iterator[Slip]:
    """A cost or a context size from `input_tokens`, in a program that caches and never looks at the other counters."""
    if not scope.around.caches or scope.around.mentions(*_CACHE_WORDS, *_OTHER_VENDORS):
        return
    for product in products(scope.nodes, scope.names):
        if product.is_priced and any(counter.kind is Kind.FRESH for counter in product.counters):
            yield Slip(
                "CL701",
                product.node,
                "The cost is computed from `input_tokens` alone, without what was written to the cache and read.",
            )
    for node in scope.nodes:
        if _is_context_size(node, scope.names):
            yield Slip(
                "CL701",
                node,
                "The size of the context is taken from `input_tokens` alone, which counts only what stands behind "
                "the last breakpoint.",
            )


def _is_context_size(node: ast.AST, names: Names) -> bool:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return _SIZE_WORDS.search(ast.unparse(node.targets[0])) is not None and _is_input(node.value, names)
    if isinstance(node, ast.Compare) and len(node.comparators) == 1 and isinstance(node.ops[0], (ast.Gt, ast.GtE)):
        limit = node.comparators[0]
        number = names.value(limit)
        large = isinstance(number, ast.Constant) and isinstance(number.value, (int, float)) and number.value >= _ROOMY
        return (large or _SIZE_WORDS.search(ast.unparse(limit)) is not None) and _is_input(node.left, names)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _SIZE_WORDS.search(ast.unparse(node.right)) is not None and _is_input(node.left, names)
    return False


def _is_input(node: ast.expr, names: Names) -> bool:
    """`input_tokens`, or its sum with `output_tokens`."""
    counters = [names.counter(term) for term in terms(node, names)]
    kinds = {counter.kind for counter in counters if counter is not None}
    return None not in counters and Kind.FRESH in kinds and kinds <= {Kind.FRESH, Kind.OUTPUT}


def may_be_none(scope: Scope) -> Iterator[Slip]:
    """Arithmetic on a cache counter of a response of the SDK, where nothing looks whether it is None."""
    for node in scope.nodes:
        for operand in _operands(node):
            counter = scope.names.counter(operand)
            if (
                counter is not None
                and counter.optional
                and counter.kind in CACHE_KINDS
                and _is_response(counter, scope.names)
                and not _is_tested(counter, operand, scope)
            ):
                name = counter.kind.value
                yield Slip(
                    "CL701",
                    node if isinstance(node, ast.AugAssign) else operand,
                    f"`{name}` may be None, and then this raises a TypeError: `{name} or 0`.",
                )


def _operands(node: ast.AST) -> tuple[ast.expr, ...]:
    if isinstance(node, ast.AugAssign):
        return (node.value,)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
        return node.left, node.right
    return ()


def _is_response(counter: Counter, names: Names) -> bool:
    """Whether the usage is that of a message which this function has received from the SDK."""
    owner = names.value(counter.owner)
    if not isinstance(owner, ast.Attribute) or owner.attr != "usage":
        return False
    message = names.value(owner.value)
    if isinstance(message, ast.Await):
        message = message.value
    return isinstance(message, ast.Call) and _SENDING.search(ast.unparse(message.func)) is not None


def _is_tested(counter: Counter, operand: ast.expr, scope: Scope) -> bool:
    """Whether any condition of the function, or a handler of TypeError, deals with a missing counter."""
    names = {counter.kind.value, operand.id} if isinstance(operand, ast.Name) else {counter.kind.value}
    for node in scope.nodes:
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type is not None else "Exception"
            if caught == "Exception" or "TypeError" in caught:
                return True
        elif isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert, ast.BoolOp)):
            tests = node.values if isinstance(node, ast.BoolOp) else [node.test]
            if any(name in ast.unparse(test) for test in tests for name in names):
                return True
    return False
