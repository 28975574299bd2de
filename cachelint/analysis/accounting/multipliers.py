"""CL703: prices of cached tokens from a multiplier, or a number, that does not hold for every model."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.accounting.counters import Kind
from cachelint.analysis.accounting.products import PER_TOKEN, Product, counters_in_sum, products
from cachelint.analysis.accounting.scopes import Scope
from cachelint.analysis.accounting.slip import Slip

_READ_MULTIPLIER = 0.1
_WRITE_MULTIPLIER = 1.25
_ONE_HOUR = ("ephemeral_1h", "ephemeral_5m")
"""Words of a program that tells the lifetimes of writes apart."""


def fixed_multiplier(scope: Scope) -> Iterator[Slip]:
    """A cache counter times 0.1 or 1.25, or times a price that stands in the program as a number."""
    for product in products(scope.nodes, scope.names):
        kinds = {counter.kind for factor in product.factors for counter in counters_in_sum(factor, scope.names)}
        message = _message(product, kinds, scope)
        if message is not None:
            yield Slip("CL703", product.node, message)


def _message(product: Product, kinds: set[Kind], scope: Scope) -> str | None:
    if kinds == {Kind.READ} and _READ_MULTIPLIER in product.numbers:
        return "Reads are priced at 0.1 of the input price; on recent models they cost 0.05 or 0.025 of it."
    if kinds == {Kind.WRITTEN} and _WRITE_MULTIPLIER in product.numbers and not scope.around.mentions(*_ONE_HOUR):
        return "All writes are priced at 1.25 of the input price; those with a one-hour lifetime cost 2 times of it."
    if len(kinds) == 1 and kinds <= {Kind.READ, Kind.WRITTEN} and _is_money(product):
        return "The price of cached tokens is a number in the program; it differs between models and changes on a date."
    return None


def _is_money(product: Product) -> bool:
    """Whether nothing but numbers makes money of the tokens."""
    known = len(product.numbers) + len(product.counters)
    return known == len(product.factors) and len(product.numbers) > 0 and product.scale < PER_TOKEN
