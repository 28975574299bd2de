"""Sums and products of counters, prices and numbers, with names replaced by what they stand for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cachelint.analysis.accounting.counters import Counter, Names

PER_TOKEN = 1e-3
"""A factor below this is a price of one token: the dearest costs $0.0001."""
_PRICE_WORDS = re.compile(r"price|cost|usd|dollar|per_m|per_token|pricing", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Product:
    """The factors of one chain of multiplications and divisions."""

    node: ast.BinOp
    factors: tuple[ast.expr, ...]
    divisors: tuple[ast.expr, ...]
    names: Names

    @property
    def numbers(self) -> list[float]:
        """The factors that are numbers, also where a name stands for one."""
        resolved = (number_of(self.names.value(factor)) for factor in self.factors)
        return [number for number in resolved if number is not None]

    @property
    def scale(self) -> float:
        """The product of all numbers in it."""
        scale = 1.0
        for number in self.numbers:
            scale *= number
        for divisor in self.divisors:
            scale /= number_of(self.names.value(divisor)) or 1.0
        return scale

    @property
    def is_priced(self) -> bool:
        """Whether a price is among the factors, by its name or because the result is money per token."""
        return self.scale < PER_TOKEN or any(_names_price(factor) for factor in self.factors)

    @property
    def counters(self) -> list[Counter]:
        """The factors that are counters."""
        return [counter for factor in self.factors if (counter := self.names.counter(factor)) is not None]


def products(nodes: Iterable[ast.AST], names: Names) -> Iterator[Product]:
    """The products among `nodes`, outermost first; a part of a product is none of its own."""
    inside: set[int] = set()
    for node in nodes:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Mult, ast.Div)) or id(node) in inside:
            continue
        factors: list[ast.expr] = []
        divisors: list[ast.expr] = []
        _split(node, names, factors, divisors, inside)
        yield Product(node, tuple(factors), tuple(divisors), names)


def _split(node: ast.expr, names: Names, above: list[ast.expr], below: list[ast.expr], inside: set[int]) -> None:
    resolved = names.value(node)
    whole = names.counter(node) is not None or number_of(resolved) is not None
    if not whole and isinstance(resolved, ast.BinOp) and isinstance(resolved.op, (ast.Mult, ast.Div)):
        inside.add(id(resolved))
        _split(resolved.left, names, above, below, inside)
        if isinstance(resolved.op, ast.Mult):
            _split(resolved.right, names, above, below, inside)
        else:
            _split(resolved.right, names, below, above, inside)
    else:
        above.append(node)


def terms(node: ast.expr, names: Names) -> list[ast.expr]:
    """The terms of a sum; the expression itself when it is none."""
    if names.counter(node) is None:
        node = names.value(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*terms(node.left, names), *terms(node.right, names)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum" and node.args:
        elements = node.args[0]
        if isinstance(elements, (ast.List, ast.Tuple)):
            return [term for element in elements.elts for term in terms(element, names)]
    return [node]


def counters_in_sum(node: ast.expr, names: Names) -> list[Counter]:
    """The counters among the terms of a sum."""
    return [counter for term in terms(node, names) if (counter := names.counter(term)) is not None]


def number_of(node: ast.expr) -> float | None:
    """The value of an expression that is a number, such as `3.75`, `1e6`, `10**6`, `2 / 1_000_000`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Decimal", "decimal.Decimal", "float") and node.args:
        argument = node.args[0]
        text = argument.value if isinstance(argument, ast.Constant) else None
        try:
            return float(text) if isinstance(text, (str, int, float)) else None
        except ValueError:
            return None
    if isinstance(node, ast.BinOp):
        left, right = number_of(node.left), number_of(node.right)
        if left is not None and right is not None:
            if isinstance(node.op, ast.Div) and right:
                return left / right
            if isinstance(node.op, ast.Pow) and left == 10 and abs(right) < 20:
                return float(left**right)
    return None


def _names_price(node: ast.expr) -> bool:
    """Whether a price stands anywhere in the names of an attribute, an item or a call: `PRICES[model]["input"]`."""
    words = [
        inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else inner.value
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Attribute, ast.Name, ast.Constant))
    ]
    if isinstance(node, (ast.Attribute, ast.Name, ast.Subscript, ast.Call)):
        return any(isinstance(word, str) and _PRICE_WORDS.search(word) is not None for word in words)
    return False
