"""One price of a model: five numbers, when they hold, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

BEGINNING = date.min
END = date.max


@dataclass(frozen=True, slots=True)
class Price:
    """Prices in USD per million tokens, for all tokens of the requests whose whole prompt falls under it."""

    model: str
    """Normalised id: ``claude-opus-4-8``."""
    input: Decimal
    write_5m: Decimal
    write_1h: Decimal
    read: Decimal
    output: Decimal
    source: str
    """Where the numbers were published."""
    checked: date | None = None
    """When they were last compared with the source."""
    fast: bool = False
    since: date = BEGINNING
    until: date = END
    """The first day on which the price no longer holds."""
    above: int = -1
    """Holds for prompts of more than this many tokens, cached ones included …"""
    up_to: int | None = None
    """… and of at most this many."""

    def times(self, factor: Decimal) -> Price:
        """The same price with every number multiplied."""
        return replace(
            self,
            input=self.input * factor,
            write_5m=self.write_5m * factor,
            write_1h=self.write_1h * factor,
            read=self.read * factor,
            output=self.output * factor,
        )
