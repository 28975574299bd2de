"""Prices of the genai-prices library, in our terms; it is slow to import, and asked only when a price is needed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from cachelint.errors import MissingExtraError
from cachelint.prompt.models import normalize_model
from cachelint.report.pricing.price import BEGINNING, END, Price

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COLUMNS = {
    "input": "input_mtok",
    "write_5m": "cache_write_mtok",
    "write_1h": "cache_write_1h_mtok",
    "read": "cache_read_mtok",
    "output": "output_mtok",
}


def library_models() -> tuple[str, ...]:
    """The normalised ids of all Claude models that the library has prices for."""
    return tuple(sorted(_models()))


def library_prices(model: str) -> tuple[Price, ...]:
    """The library's prices of a model by its normalised id; empty when it does not list exactly this model.

    The library matches some ids by their beginning, which would price `claude-opus-4-10` like `claude-opus-4-1` (D21):
    only an id that normalises to the library's own id of the model counts.
    """
    return _models().get(model, ())


@cache
def _models() -> Mapping[str, tuple[Price, ...]]:
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        raise MissingExtraError("report", "report") from None
    source = f"genai-prices {version('genai-prices')}"
    [anthropic] = [provider for provider in get_snapshot().providers if provider.id == "anthropic"]
    found = {}
    for info in anthropic.models:
        prices = tuple(_prices(normalize_model(info.id), info, source))
        if prices:
            found[prices[0].model] = prices
    return found


def _prices(model: str, info: Any, source: str) -> Iterator[Price]:
    checked = getattr(info, "prices_checked", None)
    periods = info.prices if isinstance(info.prices, list) else [info]
    starts = [_start(period) for period in periods]
    for position, period in enumerate(periods):
        later = [start for start in starts[position + 1 :] if start > starts[position]]
        yield from _tiers(model, period.prices, source, checked, starts[position], min(later, default=END), fast=False)
    for variant in info.price_variants or ():
        if variant.when == {"speed": "fast"}:
            yield from _tiers(model, variant.prices, source, checked, _start(variant), END, fast=True)


def _start(period: Any) -> date:
    """The first day of a conditional price; prices without a condition hold from the beginning."""
    start = getattr(getattr(period, "constraint", None), "start_date", None)
    return start if isinstance(start, date) else BEGINNING


def _tiers(
    model: str, prices: Any, source: str, checked: date | None, since: date, until: date, *, fast: bool
) -> Iterator[Price]:
    """One price for each prompt-length tier; nothing when the model has no price for caching."""
    numbers = {name: getattr(prices, column, None) for name, column in _COLUMNS.items()}
    if any(number is None for number in numbers.values()):
        return
    starts = sorted({tier.start for number in numbers.values() for tier in getattr(number, "tiers", ())})
    for above, up_to in zip([-1, *starts], [*starts, None], strict=True):
        yield Price(
            model=model,
            **{name: _at(number, above) for name, number in numbers.items()},
            source=source,
            checked=checked,
            fast=fast,
            since=since,
            until=until,
            above=above,
            up_to=up_to,
        )


def _at(number: Any, above: int) -> Decimal:
    """The price that holds for prompts longer than `above` tokens."""
    if not hasattr(number, "tiers"):
        return Decimal(number)
    reached = [tier.price for tier in number.tiers if tier.start <= above]
    return Decimal(reached[-1] if reached else number.base)
