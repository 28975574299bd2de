"""What caching costs and needs, model by model, from the tables that cachelint itself works with.

python docs/models.py       prints the table of docs/prompt-caching.md
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tabulate import tabulate

from cachelint.prompt.models import ModelFacts, known_models
from cachelint.report.pricing.book import open_price_book
from cachelint.report.pricing.price import Price

TODAY = date(2026, 11, 23)
"""The day on which the facts were last compared with their sources."""

RETIRED = frozenset(("claude-opus-4-1", "claude-haiku-3"))
"""Models that the first-party API no longer serves, of which no last day was published."""


def current() -> list[ModelFacts]:
    """The models that the API still serves, and that have a price."""
    served = [facts for facts in known_models().values() if (facts.end_of_life or date.max) > TODAY]
    return [facts for facts in served if facts.id not in RETIRED and open_price_book().prices(facts.id)]


def price(model: str) -> Price:
    """The newest price of short prompts."""
    return max(open_price_book().prices(model), key=lambda price: (price.since, -price.above))


def dollars(amount: Decimal) -> str:
    """At least two decimals: ``$12.50``, ``$0.125``."""
    return f"${max(f'{amount:.2f}', f'{amount.normalize():f}', key=len)}"


def row(facts: ModelFacts) -> tuple[str, str, str, str, str, str]:
    """One model: the shortest prefix, prices in USD per million tokens, and a miss as a multiple of a hit."""
    prices = price(facts.id)
    return (
        facts.id,
        f"{facts.minimum_tokens:,}",
        dollars(prices.input),
        dollars(prices.write_5m),
        dollars(prices.read),
        f"{float(prices.write_5m / prices.read):g}",
    )


def table() -> str:
    """All current models, as Markdown."""
    headers = ("model", "shortest prefix", "input", "5m write", "read", "a miss costs, in hits")
    rows = [row(facts) for facts in current()]
    return tabulate(rows, headers, tablefmt="pipe", disable_numparse=True, colalign=("left", *["right"] * 5))


if __name__ == "__main__":
    print(table())
