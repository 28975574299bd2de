"""`cachelint prices`: the table of prices in force, with the source of every row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cachelint.cli.output import deliver, file_option, format_option

if TYPE_CHECKING:
    from cachelint.report.pricing.book import PriceBook
    from cachelint.report.pricing.price import Price

_HEADERS = ("model", "input", "5m write", "1h write", "read", "output", "holds", "source", "checked")


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL...]")
@click.option(
    "--prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file of prices that go before all others.",
)
@format_option(("text", "json"))
@file_option()
def command(models: tuple[str, ...], prices: Path | None, output_format: str, output_file: Path | None) -> None:
    """Show the prices that reports use, in USD per million tokens: of all models, or of those named."""
    from cachelint.report.pricing.book import open_price_book

    book = open_price_book(prices)
    chosen = [
        price
        for model in book.models()
        if not models or any(part in model for part in models)
        for fast in (False, True)
        for price in book.prices(model, fast=fast)
    ]
    if output_format == "json":
        text = json.dumps([_fields(price) for price in chosen], indent=2, ensure_ascii=False)
    else:
        text = f"{_table(chosen)}\n\n{_closing(book)}"
    deliver(f"{text}\n", output_file)


def _table(prices: list[Price]) -> str:
    from tabulate import tabulate

    rows = [[cell or "" for cell in _cells(price)] for price in prices]
    alignment = ("left", *["right"] * 5, "left", "left", "left")
    return tabulate(rows, headers=_HEADERS, tablefmt="simple", disable_numparse=True, colalign=alignment)


def _closing(book: PriceBook) -> str:
    return (
        f"USD per million tokens. Batches cost {book.batch_factor} of it; requests kept in the US cost 1.1 times it, "
        f"on the models that offer this; web searches cost ${book.web_search} per thousand."
    )


def _cells(price: Price) -> tuple[str | None, ...]:
    numbers = (price.input, price.write_5m, price.write_1h, price.read, price.output)
    return (price.model, *(f"{number:f}" for number in numbers), _holds(price), price.source, _day(price.checked))


def _holds(price: Price) -> str:
    """When and for what a price holds, as a phrase; empty for one that always does."""
    from cachelint.report.pricing.price import BEGINNING, END

    conditions = []
    if price.fast:
        conditions.append("fast mode")
    if price.since != BEGINNING:
        conditions.append(f"from {price.since}")
    if price.until != END:
        conditions.append(f"until before {price.until}")
    if price.above >= 0:
        conditions.append(f"prompts above {price.above:,} tokens")
    elif price.up_to is not None:
        conditions.append(f"prompts up to {price.up_to:,} tokens")
    return ", ".join(conditions)


def _fields(price: Price) -> dict[str, object]:
    from cachelint.report.pricing.price import BEGINNING, END

    return {
        "model": price.model,
        "speed": "fast" if price.fast else "standard",
        "input": f"{price.input:f}",
        "write_5m": f"{price.write_5m:f}",
        "write_1h": f"{price.write_1h:f}",
        "read": f"{price.read:f}",
        "output": f"{price.output:f}",
        "since": None if price.since == BEGINNING else str(price.since),
        "until": None if price.until == END else str(price.until),
        "above_tokens": max(price.above, 0),
        "up_to_tokens": price.up_to,
        "source": price.source,
        "checked": _day(price.checked),
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)
