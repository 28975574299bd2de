"""The price book: which prices hold for a model, from the user's file, our own data and the library, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.prompt.models import model_facts, normalize_model
from cachelint.report.pricing.library import library_models, library_prices
from cachelint.report.pricing.price_file import own_prices, read_price_file

if TYPE_CHECKING:
    from pathlib import Path

    from cachelint.report.pricing.price import Price
    from cachelint.report.pricing.price_file import PriceFile

_UNITED_STATES = "us"


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices in force. A model that no file and no library lists has no price, and none is made up for it."""

    files: tuple[PriceFile, ...]
    """Price files, the strongest first."""

    def prices(self, model: str, *, fast: bool = False) -> tuple[Price, ...]:
        """Every dated and tiered price of a model in any spelling; empty when it has none."""
        name = normalize_model(model)
        for file in self.files:
            if found := tuple(price for price in file.prices if price.model == name and price.fast == fast):
                return found
        return tuple(price for price in library_prices(name) if price.fast == fast)

    def rates(
        self, model: str, *, fast: bool = False, batch: bool = False, geo: str | None = None
    ) -> tuple[Price, ...]:
        """The prices of requests of this kind: batch and geography multiply every number (facts C.1)."""
        factor = self.geo_multiplier(model, geo)
        if batch:
            factor *= self.batch_factor
        return tuple(price.times(factor) for price in self.prices(model, fast=fast))

    def models(self) -> tuple[str, ...]:
        """The normalised ids of all models with a price."""
        return tuple(sorted({price.model for file in self.files for price in file.prices} | set(library_models())))

    @staticmethod
    def geo_multiplier(model: str, geo: str | None) -> Decimal:
        """1.1 for models that bill a request kept in the United States higher, 1 for all else."""
        facts = model_facts(model)
        if geo != _UNITED_STATES or facts is None or facts.geo_multiplier is None:
            return Decimal(1)
        return Decimal(str(facts.geo_multiplier))

    @property
    def batch_factor(self) -> Decimal:
        """What message batches cost, as a fraction."""
        return next(file.batch_factor for file in self.files if file.batch_factor is not None)

    @property
    def web_search(self) -> Decimal:
        """USD per thousand web searches."""
        return next(file.web_search for file in self.files if file.web_search is not None)


def open_price_book(user_file: Path | None = None) -> PriceBook:
    """The price book with a user's file on top of it. Raises `ConfigurationError` when that file is wrong."""
    files = (own_prices(),) if user_file is None else (read_price_file(user_file), own_prices())
    return PriceBook(files)
