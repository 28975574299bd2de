"""Price files: our own `prices.toml`, and those that a user gives with `--prices`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from cachelint.errors import ConfigurationError
from cachelint.prompt.models import normalize_model
from cachelint.report.pricing.price import BEGINNING, END, Price

_NUMBERS = ("input", "write_5m", "write_1h", "read", "output")
_OPTIONAL = {"source", "checked", "speed", "since", "until", "above"}
_MAXIMUM_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The content of a price file."""

    prices: tuple[Price, ...]
    web_search: Decimal | None
    """USD per thousand web searches."""
    batch_factor: Decimal | None


@cache
def own_prices() -> PriceFile:
    """The prices that ship with cachelint."""
    return read_price_file(Path(__file__).parent / "prices.toml")


def read_price_file(path: Path) -> PriceFile:
    """Parse a price file. Raises `ConfigurationError` that names the file, the row and what is wrong with it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: not a readable price file ({error})") from None
    rows = data.get("prices", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigurationError(f"{path}: prices must be a list of tables, each under [[prices]]")
    prices = [_price(path, number, row) for number, row in enumerate(rows, 1)]
    return PriceFile(
        prices=_with_tiers(prices),
        web_search=_decimal(path, "web_search", data["web_search"]) if "web_search" in data else None,
        batch_factor=_decimal(path, "batch_factor", data["batch_factor"]) if "batch_factor" in data else None,
    )


def _price(path: Path, number: int, row: dict[str, Any]) -> Price:
    where = f"row {number} ({row.get('model', 'no model')})"
    missing = [key for key in ("model", *_NUMBERS) if key not in row]
    unknown = sorted(row.keys() - {"model", *_NUMBERS} - _OPTIONAL)
    if missing or unknown:
        problem = f"lacks {', '.join(missing)}" if missing else f"has unknown keys {', '.join(unknown)}"
        raise ConfigurationError(f"{path}: {where} {problem}")
    if row.get("speed") not in (None, "standard", "fast"):
        raise ConfigurationError(f'{path}: {where}: speed must be "fast" or "standard"')
    above = row.get("above", -1)
    if not isinstance(above, int):
        raise ConfigurationError(f"{path}: {where}: above must be a whole number of tokens")
    numbers = {name: _decimal(path, f"{where}: {name}", row[name]) for name in _NUMBERS}
    return Price(
        model=normalize_model(str(row["model"])),
        input=numbers["input"],
        write_5m=numbers["write_5m"],
        write_1h=numbers["write_1h"],
        read=numbers["read"],
        output=numbers["output"],
        source=str(row.get("source", path.name)),
        checked=_day(path, where, row, "checked", None),
        fast=row.get("speed") == "fast",
        since=_day(path, where, row, "since", BEGINNING) or BEGINNING,
        until=_day(path, where, row, "until", END) or END,
        above=above,
    )


def _decimal(path: Path, what: str, value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ConfigurationError(f'{path}: {what} is {value!r}, not a price such as "2.50"') from None
    exponent = number.as_tuple().exponent
    if (
        not number.is_finite()
        or number < 0
        or not isinstance(exponent, int)
        or -exponent > _MAXIMUM_DECIMALS
        or number >= 1_000_000
    ):
        raise ConfigurationError(
            f"{path}: {what} is {value!r}: expected 0 to 999999 with at most {_MAXIMUM_DECIMALS} decimals"
        )
    return number


def _day(path: Path, where: str, row: dict[str, Any], key: str, default: date | None) -> date | None:
    value = row.get(key, default)
    if value is None or type(value) is date:
        return value
    raise ConfigurationError(f"{path}: {where}: {key} must be a date such as 2026-10-07, without quotes")


def _with_tiers(prices: list[Price]) -> tuple[Price, ...]:
    """Each price with the upper end of its prompt-length tier: where the next one of its kind begins."""

    def next_tier(price: Price) -> int | None:
        period = (price.model, price.fast, price.since, price.until)
        higher = [p.above for p in prices if (p.model, p.fast, p.since, p.until) == period and p.above > price.above]
        return min(higher, default=None)

    return tuple(replace(price, up_to=next_tier(price)) for price in prices)
