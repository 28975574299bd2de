"""The real transcripts beside the checkout: tokens exactly, money to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cachelint.report.figures import Figures, Report


def as_reference(figures: Figures) -> dict[str, object]:
    """Figures in the form of the reference files, without the money of models that have no price."""
    return {
        "responses": figures.requests,
        "input_tokens": figures.input,
        "output_tokens": figures.output,
        "cache_write_5m": figures.write_5m,
        "cache_write_1h": figures.write_1h,
        "cache_read": figures.read,
        "usd": figures.cost,
    }


@pytest.mark.parametrize("name", ["spotter", "mirrorless"])
def test_archives_give_the_figures_of_the_reference(name: str, shared: Path, report_on: Callable[..., Report]) -> None:
    logs = shared / "logs" / "claude-code"
    reference = json.loads((logs / f"{name}.json").read_text(), parse_float=Decimal)

    report = report_on(logs / f"{name}.tar.gz")

    assert as_reference(report.total) == {**reference["total"], "usd": Decimal(reference["total"]["usd"])}
    assert {row.name: as_reference(row.figures) for row in report.models} == {
        model: {**row, "usd": None if row["usd"] is None else Decimal(row["usd"])}
        for model, row in reference["models"].items()
    }


def test_a_folder_is_the_sum_of_its_archives_and_names_what_is_no_log(
    shared: Path, report_on: Callable[..., Report]
) -> None:
    logs = shared / "logs" / "claude-code"

    report = report_on(logs)

    assert report.total.cost == Decimal("300.9370476")
    assert report.total.requests == 904 + 3916
    [skipped] = report.inputs.skipped_lines
    assert (skipped.count, skipped.reason) == (2, "no usage record of a known log")
    assert report.inputs.skipped_files == ()


def test_recorded_streams_are_merged_event_by_event(shared: Path, report_on: Callable[..., Report]) -> None:
    report = report_on(shared / "logs" / "sse")

    assert {row.name: (row.figures.input, row.figures.output) for row in report.models} == {
        "claude-3-7-sonnet-20250219": (450, 124),
        "claude-3-opus-latest": (11, 6),
        "claude-fable-5": (56, 212),
        "claude-opus-4-7": (50, 8),
        "claude-opus-4-8": (31, 547),
        "claude-sonnet-4-20250514": (377, 65),
        "claude-sonnet-4-5": (50, 16),  # one of them took over from a model that refused
    }
