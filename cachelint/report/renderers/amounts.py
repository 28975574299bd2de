"""Numbers as people read them: tokens, money, shares, times. What is not available is `n/a`, never zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cachelint.report.figures import Ratio

NOT_AVAILABLE = "n/a"
_UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def count(number: int) -> str:
    """12480 -> `12,480`."""
    return f"{number:,}"


def tokens(number: int) -> str:
    """61234567 -> `61.2 M`; exact below a thousand."""
    for size, unit in _UNITS:
        if number >= size * 0.9995:
            return f"{number / size:.1f} {unit}"
    return str(number)


def decimals(*amounts: Decimal | None) -> int:
    """How many decimals amounts that are read together should have, given the largest of them.

    Cents where there are dollars; more where everything is small, so that no column mixes `$0.00` with `$0.0011`.
    """
    largest = max((abs(amount) for amount in amounts if amount is not None), default=Decimal(1))
    if largest == 0 or largest >= 1:
        return 2
    return 4 if largest >= Decimal("0.01") else 6


def money(amount: Decimal | None, places: int = 2) -> str:
    """`$115.04`, with so many decimals; `<$0.01` for what is not nothing and would look like it."""
    if amount is None:
        return NOT_AVAILABLE
    sign = "-" if amount < 0 else ""
    unit = Decimal(1).scaleb(-places)
    rounded = abs(amount).quantize(unit, ROUND_HALF_UP)
    return f"{sign}<${unit:f}" if amount and not rounded else f"{sign}${rounded:,f}"


def share(ratio: Ratio | None, digits: int = 1) -> str:
    """`87.4 %`; `n/a` without a denominator."""
    value = None if ratio is None else ratio.value
    return NOT_AVAILABLE if value is None else f"{100 * value:.{digits}f} %"


def size(count_of_bytes: int) -> str:
    """`6.1 MB`."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count_of_bytes >= unit:
            return f"{count_of_bytes / unit:.1f} {name}"
    return f"{count_of_bytes} bytes"


def minute(moment: datetime | None) -> str:
    """`2026-11-16 09:12`."""
    return NOT_AVAILABLE if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def plural(number: int, noun: str) -> str:
    """`1 model`, `3 models`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
