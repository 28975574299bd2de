"""What holds for every log: figures do not depend on how it is cut up, parts add up, and no input is too strange."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_logs import NOW

from cachelint.report.building import Options, build_report
from cachelint.report.figures import Figures, Report
from cachelint.report.renderers import FORMATS, render
from cachelint.report.renderers.as_json import as_object
from cachelint.report.renderers.style import Style
from cachelint.report.selection import DIMENSIONS

PHASES = (Phase.explicit, Phase.generate)  # shrinking a failure would take minutes
FEW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES)

counts = st.integers(0, 300_000)
usages = st.fixed_dictionaries(
    {"input_tokens": counts, "output_tokens": counts},
    optional={
        "cache_creation_input_tokens": counts | st.none(),
        "cache_read_input_tokens": counts | st.none(),
        "cache_creation": st.fixed_dictionaries(
            {}, optional={"ephemeral_5m_input_tokens": counts, "ephemeral_1h_input_tokens": counts}
        ),
        "service_tier": st.sampled_from(["standard", "batch", "priority", None]),
        "inference_geo": st.sampled_from(["us", "global", "not_available", None]),
        "speed": st.sampled_from(["fast", "standard", None]),
        "server_tool_use": st.fixed_dictionaries({"web_search_requests": st.integers(0, 5)}),
    },
)
models = st.sampled_from(
    ["claude-opus-5", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-4-6", "claude-haiku-4-5-20251001", "other"]
)


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A log of cachelint with some sessions, every response with an id of its own."""
    size = draw(st.integers(1, 12))
    log = []
    for number in range(size):
        started = NOW - timedelta(seconds=draw(st.integers(0, 20_000)))
        record = {
            "schema": "cachelint/1",
            "kind": "messages",
            "id": f"msg_{number}",
            "status": 200,
            "started": started.isoformat() + "Z",
            "model": draw(models),
            "session": draw(st.sampled_from(["a", "b", None])),
            "call_site": draw(st.sampled_from(["x.py:1", "y.py:2", None])),
            "complete": draw(st.booleans() | st.none()),
            "usage": draw(usages),
        }
        log.append(record)
    return log


def report_on(*files: list[str], options: Options | None = None) -> Report:
    """The report on files with these lines."""
    with tempfile.TemporaryDirectory() as folder:
        for number, lines in enumerate(files):
            (Path(folder) / f"{number}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return build_report([folder], options or Options(now=NOW))


def figures_of(report: Report) -> dict[str, Any]:
    """All that a report says except about the files themselves."""
    return {key: value for key, value in as_object(report).items() if key != "inputs"}


@FEW
@given(records(), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_order_files_or_repetition(log: list[dict[str, Any]], random: Any) -> None:
    lines = [json.dumps(record) for record in log]
    plain = figures_of(report_on(lines))
    shuffled = random.sample(lines, len(lines))
    cut = random.randrange(len(lines) + 1)

    assert figures_of(report_on(shuffled)) == plain
    assert figures_of(report_on(lines[:cut], lines[cut:])) == plain
    assert figures_of(report_on(lines + shuffled, lines)) == plain


@FEW
@given(records(), st.sampled_from(list(DIMENSIONS)))
def test_parts_add_up(log: list[dict[str, Any]], dimension: str) -> None:
    report = report_on([json.dumps(record) for record in log], options=Options(dimension=dimension, now=NOW))
    priced = [row.figures for row in report.groups if row.figures.cost is not None]
    for name in ("requests", "input", "output", "read", "write_5m", "write_1h", "cost", "cost_without_cache"):
        assert sum(getattr(row, name) for row in priced) == getattr(report.total, name), name
    assert sum(row.recoverable or 0 for row in priced) == report.total.recoverable
    counted = report.total.requests + sum(item.requests for item in report.unpriced)
    assert counted == len(log)


@FEW
@given(records())
def test_money_is_never_negative_and_perfect_is_never_dearer(log: list[dict[str, Any]]) -> None:
    report = report_on([json.dumps(record) for record in log])
    for figures in (report.total, *(row.figures for row in report.models)):
        check_money(figures)
    for miss in report.misses:
        assert miss.cost is None or miss.cost >= 0
        assert miss.tokens >= 0
    recoverable = sum((miss.cost or Decimal(0) for miss in report.misses if miss.recoverable), Decimal(0))
    assert report.total.recoverable is not None
    assert recoverable <= report.total.recoverable


def check_money(figures: Figures) -> None:
    """Costs are sums of their parts, not negative, and at least those of a perfect cache."""
    if figures.cost is None:
        return
    parts = [part for part in figures.cost_parts.values() if part is not None]
    assert sum(parts) == figures.cost
    assert all(part >= 0 for part in parts)
    assert figures.cost_with_perfect_cache is not None
    assert 0 <= figures.cost_with_perfect_cache <= figures.cost
    assert figures.hit_ratio.value is None or 0 <= figures.hit_ratio.value <= 1


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = """
schema type id usage message data model result custom_id resourceSpans attributes prompt_tokens usageDetails starting_at
results timestamp sessionId started iterations input_tokens output_tokens cache_creation markers fingerprints divergence
metadata
"""
interesting_keys = st.sampled_from(KEYS.split())
strange_records = st.recursive(
    json_values, lambda inner: st.dictionaries(interesting_keys, inner, max_size=5), max_leaves=8
).map(json.dumps)
strange_lines = st.one_of(strange_records, st.text(max_size=30), st.sampled_from(["{", "[", "data: {}", "event: x"]))


@FEW
@given(st.lists(strange_lines, min_size=1, max_size=15))
def test_garbage_is_counted_and_never_fatal(lines: list[str]) -> None:
    report = report_on(lines)
    text = render(report, "json", Style())
    assert "NaN" not in text
    assert "Infinity" not in text


@FEW
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_never_fatal(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_bytes(content)
        assert build_report([str(path)], Options(now=NOW)).total.requests == 0


@settings(FEW, max_examples=6)
@given(records())
def test_every_format_renders_every_report(log: list[dict[str, Any]]) -> None:
    report = report_on([json.dumps(record) for record in log])
    for output_format in FORMATS:
        text = render(report, output_format, Style(width=60))
        assert text.endswith("\n")
        assert not any(word in numbers(text) for word in ("nan", "inf"))
    assert math.isfinite(float(report.total.cost or 0))


def numbers(text: str) -> Iterator[str]:
    """The words of a text in lower case."""
    return iter(text.lower().split())


@pytest.mark.parametrize("line", ["", "\n", "\x00", "null", "[]", "{}", '""', "0", "[" * 3000, '{"a":' * 3000])
def test_the_smallest_and_the_deepest_inputs(line: str) -> None:
    report = report_on([line])
    assert report.total.requests == 0
    assert report.total.hit_ratio.value is None
