"""The names and values of a report's figures in machine-readable formats: a contract, `schema: 1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from cachelint.report.figures import Figures, Ratio


def figure_fields(figures: Figures) -> dict[str, Any]:
    """The figures of a total or a row. Money is a decimal string or null, a ratio has what it is made of beside it."""
    return {
        "requests": figures.requests,
        "input_tokens": figures.input,
        "output_tokens": figures.output,
        "cache_read_input_tokens": figures.read,
        "cache_write_5m_input_tokens": figures.write_5m,
        "cache_write_1h_input_tokens": figures.write_1h,
        **ratio_fields("hit_ratio", figures.hit_ratio),
        **ratio_fields("continuity", figures.continuity),
        "cost_usd": usd(figures.cost),
        "cost_without_cache_usd": usd(figures.cost_without_cache),
        "cost_with_perfect_cache_usd": usd(figures.cost_with_perfect_cache),
        "saved_usd": usd(figures.saved),
        "recoverable_usd": usd(figures.recoverable),
        **ratio_fields("capture_rate", figures.capture),
        "cost_parts_usd": {name: usd(part) for name, part in figures.cost_parts.items()},
    }


def ratio_fields(name: str, ratio: Ratio | None) -> dict[str, Any]:
    """A ratio, null when not available, with its numerator and denominator."""
    return {
        name: None if ratio is None or ratio.value is None else round(ratio.value, 6),
        f"{name}_numerator": None if ratio is None else _plain(ratio.numerator),
        f"{name}_denominator": None if ratio is None else _plain(ratio.denominator),
    }


def usd(amount: Decimal | None) -> str | None:
    """Money as an exact decimal string without an exponent."""
    return None if amount is None else f"{amount:f}"


def _plain(value: int | Decimal) -> int | str:
    return value if isinstance(value, int) else f"{value:f}"
