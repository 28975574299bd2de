"""Every price of facts C.2, dated, tiered, fast, batch and by geography, through a whole report; and every spelling."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from made_logs import message

from cachelint.report.figures import Report

Reporter = Callable[..., Report]

PRICES = """
claude-fable-5-2    8     40    10     16    0.20
claude-mythos-5-2   8     40    10     16    0.20
claude-fable-5-1    10    50    12.5   20    0.25
claude-mythos-5-1   10    50    12.5   20    0.25
claude-opus-5-5     4     20    5      8     0.20
claude-sonnet-5-5   2     10    2.5    4     0.10
claude-haiku-5-5    0.10  0.50  0.125  0.20  0.01
claude-opus-5       5     25    6.25   10    0.50
claude-fable-5      10    50    12.5   20    1.00
claude-mythos-5     10    50    12.5   20    1.00
claude-mythos-preview 10  50    12.5   20    1.00
claude-sonnet-5     2     10    2.5    4     0.20
claude-opus-4-8     5     25    6.25   10    0.50
claude-opus-4-7     5     25    6.25   10    0.50
claude-opus-4-6     5     25    6.25   10    0.50
claude-opus-4-5     5     25    6.25   10    0.50
claude-sonnet-4-6   3     15    3.75   6     0.30
claude-sonnet-4-5   3     15    3.75   6     0.30
claude-haiku-4-5    1     5     1.25   2     0.10
claude-opus-4-1     15    75    18.75  30    1.50
claude-opus-4       15    75    18.75  30    1.50
claude-sonnet-4     3     15    3.75   6     0.30
claude-haiku-3-5    0.80  4     1      1.60  0.08
claude-haiku-3      0.25  1.25  0.30   0.50  0.03
"""
"""Input, output, write for 5 minutes, for 1 hour, read: in USD per million tokens, on 2026-11-23."""

ROWS = {model: tuple(map(Decimal, row)) for model, *row in map(str.split, PRICES.split("\n")[1:-1])}


def priced(report: Report) -> Decimal:
    """The cost of a log in which everything has a price."""
    assert report.unpriced == ()
    assert report.total.cost is not None
    return report.total.cost


def each_class(model: str, identity: str, **usage: Any) -> list[dict[str, Any]]:
    """One response for each class of tokens, each twice as many, so that no price can hide behind another."""
    counts = {"input": 1_000, "out": 2_000, "w": 4_000, "r": 16_000}
    responses = [message(model, f"{identity}_{name}", **{name: count}, **usage) for name, count in counts.items()]
    return [*responses, message(model, f"{identity}_hour", w=8_000, w1=8_000, **usage)]


def sum_of(row: tuple[Decimal, ...]) -> Decimal:
    return sum((price * count for price, count in zip(row, (1, 2, 4, 8, 16), strict=True)), Decimal(0)) / 1000


def test_every_price_of_today(report_of: Reporter) -> None:
    responses = [response for model in ROWS for response in each_class(model, model)]
    report = report_of(*responses)
    assert {row.name: row.figures.cost for row in report.models} == {model: sum_of(row) for model, row in ROWS.items()}


def test_batches_cost_half_of_every_price_at_every_date(report_of: Reporter) -> None:
    for day in ("2026-09-01", "2026-10-13", "2026-10-14"):
        responses = [
            {**response, "timestamp": f"{day}T12:00:00Z"}
            for model in ROWS
            if model != "claude-sonnet-5-5"
            for response in each_class(model, model, service_tier="batch")
        ]
        assert {row.name: row.figures.cost for row in report_of(*responses).models} == {
            model: sum_of(row) / 2 for model, row in ROWS.items() if model != "claude-sonnet-5-5"
        }


SINCE_4_6 = set(ROWS) - {
    "claude-mythos-preview", "claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1",
    "claude-opus-4", "claude-sonnet-4", "claude-haiku-3-5", "claude-haiku-3",
}  # fmt: skip


def test_what_is_kept_in_the_united_states_costs_a_tenth_more_from_4_6_on(report_of: Reporter) -> None:
    responses = [response for model in ROWS for response in each_class(model, model, inference_geo="us")]
    assert {row.name: row.figures.cost for row in report_of(*responses).models} == {
        model: sum_of(row) * (Decimal("1.1") if model in SINCE_4_6 else 1) for model, row in ROWS.items()
    }


@pytest.mark.parametrize(
    ("model", "day", "factor"),
    [
        ("claude-fable-5-2", "2026-11-20", 2),
        ("claude-mythos-5-2", "2026-11-20", 2),
        ("claude-opus-5-5", "2026-11-20", 2),
        ("claude-opus-5", "2026-11-20", 2),
        ("claude-opus-4-8", "2026-11-20", 2),
        ("claude-opus-4-7", "2026-05-12", 6),
        ("claude-opus-4-7", "2026-07-24", 6),
        ("claude-opus-4-7", "2026-07-25", None),
        ("claude-opus-4-6", "2026-04-01", 6),
        ("claude-opus-4-6", "2026-06-29", 6),
        ("claude-opus-4-6", "2026-06-30", None),
        ("claude-sonnet-5-5", "2026-11-20", None),
    ],
)
def test_fast_mode_has_its_price_while_it_is_offered(
    report_of: Reporter, model: str, day: str, factor: int | None
) -> None:
    responses = [{**each, "timestamp": f"{day}T12:00:00Z"} for each in each_class(model, "m", speed="fast")]
    report = report_of(*responses)
    if factor is None:
        assert [(item.model, item.requests) for item in report.unpriced] == [(model, 5)]
    else:
        assert priced(report) == sum_of(ROWS[model]) * factor


@pytest.mark.parametrize(
    ("model", "day", "prompt", "price"),
    [
        ("claude-haiku-5-5", "2026-11-20", 100_000, "0.10"),
        ("claude-haiku-5-5", "2026-11-20", 100_001, "0.50"),
        ("claude-opus-4-6", "2026-03-12", 200_001, "10"),
        ("claude-opus-4-6", "2026-03-13", 200_001, "5"),
        ("claude-sonnet-4-6", "2026-03-12", 200_001, "6"),
        ("claude-sonnet-4-6", "2026-03-12", 200_000, "3"),
        ("claude-sonnet-4-5", "2026-03-12", 200_001, "6"),
    ],
)
def test_a_long_prompt_is_billed_at_its_tier(
    report_of: Reporter, model: str, day: str, prompt: int, price: str
) -> None:
    report = report_of({**message(model, input=prompt), "timestamp": f"{day}T12:00:00Z"})
    assert priced(report) == prompt * Decimal(price) / 1_000_000


SPELLINGS = {
    "claude-haiku-4-5": (
        "claude-haiku-4-5-20251001",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "us-gov.anthropic.claude-haiku-4-5-20251001-v1:0",
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "claude-haiku-4-5@20251001",
        "claude-haiku-4-5-latest",
        "anthropic/claude-haiku-4.5",
    ),
    "claude-opus-5": (
        "claude-opus-5@20260701",
        "eu.anthropic.claude-opus-5-v1",
        "apac.anthropic.claude-opus-5-v1:0",
        "jp.anthropic.claude-opus-5-v1:0",
        "au.anthropic.claude-opus-5-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-v1:0",
        "claude-opus-5[1m]",
        "openrouter/anthropic/claude-opus-5",
    ),
    "claude-opus-4-8": ("anthropic/claude-opus-4.8", "claude-opus-4-8[1m]"),
    "claude-haiku-3-5": ("claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"),
}


def test_every_spelling_of_a_model_has_its_price(report_of: Reporter) -> None:
    spelled = [(model, spelling) for model, spellings in SPELLINGS.items() for spelling in spellings]
    report = report_of(*(message(spelling, spelling, input=1_000_000) for _, spelling in spelled))
    assert {row.name: row.figures.cost for row in report.models} == {
        spelling: ROWS[model][0] for model, spelling in spelled
    }
