"""Charts as inline SVG: bars, a waterfall, and a line over columns. Plain data in, markup out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 560
_ROW = 26
_LABEL = 205
_VALUE = 76


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins and ends, in the unit of the chart, and how to name it."""

    label: str
    end: float
    text: str
    """The value as people read it."""
    start: float = 0.0
    kind: str = "cost"
    """CSS class: `cost`, `good`, `bad` or `base`."""


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a time series: an amount, and a share of 1 or `None` where there is none."""

    label: str
    amount: float
    amount_text: str
    share: float | None


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Horizontal bars, one below the other; bars with a start make a waterfall. Empty text for no bars."""
    if not bars:
        return ""
    scale = (_WIDTH - _LABEL - _VALUE) / (max(max(bar.start, bar.end) for bar in bars) or 1.0)
    return _svg(title, len(bars) * _ROW + 8, "".join(_bar(bar, number, scale) for number, bar in enumerate(bars)))


def _bar(bar: Bar, number: int, scale: float) -> str:
    top = number * _ROW + 6
    left = _LABEL + min(bar.start, bar.end) * scale
    width = max(abs(bar.end - bar.start) * scale, 1.0)
    return (
        f'<text class="label" x="{_LABEL - 8}" y="{top + 13}" text-anchor="end">{escape(_short(bar.label))}</text>'
        f'<rect class="{bar.kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 8}" rx="2">'
        f"<title>{escape(bar.label)}: {escape(bar.text)}</title></rect>"
        f'<text class="value" x="{left + width + 6:.1f}" y="{top + 13}">{escape(bar.text)}</text>'
    )


def series_chart(title: str, points: Sequence[Point]) -> str:
    """Amounts as columns with shares as a line over them, from 0 to 100 %. Empty text for fewer than two points."""
    if len(points) < 2:
        return ""
    height, left, top = 176, 52, 10
    plot_width, plot_height = _WIDTH - left - 44, height - 44
    step = plot_width / len(points)
    highest = max(point.amount for point in points) or 1.0
    body = [_axes(left, top, plot_width, plot_height)]
    line: list[str] = []
    for number, point in enumerate(points):
        x = left + number * step
        column = plot_height * point.amount / highest
        share = "n/a" if point.share is None else f"{100 * point.share:.1f} %"
        body.append(
            f'<rect class="cost" x="{x + step * 0.1:.1f}" y="{top + plot_height - column:.1f}" '
            f'width="{step * 0.8:.1f}" height="{column:.1f}">'
            f"<title>{escape(point.label)}: {escape(point.amount_text)}, hit ratio {share}</title></rect>"
        )
        if point.share is not None:
            line.append(f"{x + step / 2:.1f},{top + plot_height * (1 - point.share):.1f}")
    body.append(f'<polyline class="share" points="{" ".join(line)}"/>')
    body.extend(f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>' for x, y in (place.split(",") for place in line))
    body.extend(_time_labels(points, left, step, top + plot_height + 16))
    amount_text = max(points, key=lambda point: point.amount).amount_text
    body.append(f'<text class="value" x="{left - 6}" y="{top + 10}" text-anchor="end">{escape(amount_text)}</text>')
    return _svg(title, height, "".join(body))


def _axes(left: float, top: float, width: float, height: float) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = top + height * (1 - share)
        lines.append(f'<line class="grid" x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text class="value" x="{left + width + 6}" y="{y + 4:.1f}">{100 * share:.0f} %</text>')
    return "".join(lines)


def _time_labels(points: Sequence[Point], left: float, step: float, y: float) -> Iterator[str]:
    """As many labels as there is room for, the first and the last among them."""
    every = max(1, -(-len(points) // 6))
    for number in range(0, len(points), every):
        x = left + (number + 0.5) * step
        yield f'<text class="label" x="{x:.1f}" y="{y}" text-anchor="middle">{escape(points[number].label)}</text>'


def _svg(title: str, height: int, body: str) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg></figure>'
    )


def _short(label: str) -> str:
    return label if len(label) <= 31 else label[:14] + "…" + label[-16:]
