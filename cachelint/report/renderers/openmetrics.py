"""The report in the OpenMetrics text format, for a Prometheus textfile collector or a push gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cachelint.report.figures import Figures, Report, Row
    from cachelint.report.renderers.style import Style

_METRICS: tuple[tuple[str, str, Callable[[Figures], object]], ...] = (
    ("requests", "Requests with usage.", lambda figures: figures.requests),
    ("cost_usd", "What the requests cost, in USD.", lambda figures: figures.cost),
    (
        "cost_without_cache_usd",
        "What they would have cost without a cache.",
        lambda figures: figures.cost_without_cache,
    ),
    ("recoverable_usd", "Cost less the cost with perfect caching.", lambda figures: figures.recoverable),
    ("hit_ratio", "Cache read / (cache read + cache write + uncached).", lambda figures: figures.hit_ratio.value),
    ("continuity_ratio", "Requests that read all that was cached / those that could.", lambda f: f.continuity.value),
)

_TOKEN_CLASSES: tuple[tuple[str, Callable[[Figures], int]], ...] = (
    ("uncached", lambda figures: figures.input),
    ("cache_write_5m", lambda figures: figures.write_5m),
    ("cache_write_1h", lambda figures: figures.write_1h),
    ("cache_read", lambda figures: figures.read),
    ("output", lambda figures: figures.output),
)


def render(report: Report, style: Style) -> str:
    """Gauges by model, tokens by class, and misses by cause, with the closing mark that the format requires."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for name, text, value_of in _METRICS:
        yield from _head(name, text)
        for row in report.models:
            value = value_of(row.figures)
            if value is not None:
                yield f"cachelint_{name}{_labels(**_model(row))} {_number(value)}"
    yield from _head("tokens", "Tokens by class.")
    for row in report.models:
        for token_class, count_of in _TOKEN_CLASSES:
            labels = _labels(**_model(row), **{"class": token_class})
            yield f"cachelint_tokens{labels} {count_of(row.figures)}"
    yield from _misses(report)
    yield "# EOF"


def _model(row: Row) -> dict[str, str | None]:
    """A model can have a row of its own for requests without a price, such as those in a fast mode that has ended."""
    return {"model": row.name, **({"priced": "no"} if row.figures.cost is None else {})}


def _misses(report: Report) -> Iterator[str]:
    yield from _head("miss_cost_usd", "What misses cost, by cause and call site.")
    for miss in report.misses:
        if miss.cost is not None:
            labels = _labels(code=miss.code, name=miss.name, call_site=miss.call_site)
            yield f"cachelint_miss_cost_usd{labels} {_number(miss.cost)}"


def _head(name: str, text: str) -> Iterator[str]:
    yield f"# TYPE cachelint_{name} gauge"
    yield f"# HELP cachelint_{name} {text}"


def _labels(**labels: str | None) -> str:
    pairs = (f'{name}="{_escaped(value or "")}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: object) -> str:
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)
