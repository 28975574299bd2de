"""Numbers as people read them: tokens, money, shares, times. What is not available is `n/a`, never zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cachelint.report.figures import Ratio

NOT_AVAILABLE = "n/a"
_CENT = Decimal("0.01")
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


def money(amount: Decimal | None) -> str:
    """`$115.04`; amounts below a cent with two significant digits."""
    if amount is None:
        return NOT_AVAILABLE
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    if size == 0 or size >= _CENT:
        return f"{sign}${size.quantize(_CENT, ROUND_HALF_UP):,}"
    digits = 1 - size.adjusted()
    return f"{sign}${round(size, digits):f}"


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
