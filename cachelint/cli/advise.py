"""`cachelint advise`: where breakpoints would have been cheapest, for each call site of a usage log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cachelint.cli.output import deliver, file_option, format_option
from cachelint.errors import MissingExtraError

if TYPE_CHECKING:
    from cachelint.advice.advising import Advice, Advices
    from cachelint.report.pricing.book import PriceBook

_ASSUMPTIONS = (
    "Replayed on the observed requests, each call site by itself; an entry lives exactly as long as its TTL; tokens of "
    "a prompt are shared out by bytes. Only prompts are counted, not outputs."
)
_WORTH_SAYING = 0.05
"""Of what was spent, a smaller share may be the error of a replay."""

_UNSTABLE = "Tools or system differ on most of these requests: mend that first (cachelint report), then ask again."


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@format_option(("text", "json"))
@file_option()
def command(logs: tuple[str, ...], output_format: str, output_file: Path | None) -> None:
    """Say which breakpoints and TTLs would have been cheapest, for each call site of cachelint's own usage logs.

    Every placement of up to four breakpoints (behind the tools, behind the system prompt, at the turn before, at the
    end) with every allowed choice of TTLs is replayed on the observed requests. Nothing is advised that would have cost
    more than what was observed.
    """
    from cachelint.advice.advising import advise
    from cachelint.advice.observation import observe
    from cachelint.advice.reading import log_lines
    from cachelint.report.pricing.book import open_price_book

    observations = observe(log_lines(logs))
    advices = advise(observations.requests)
    book = open_price_book()
    try:
        if output_format == "json":
            document = _document(advices, observations.skipped, book)
            text = json.dumps(document, indent=2, ensure_ascii=False)
        else:
            text = "\n".join(_text(advices, len(observations.requests), observations.skipped, book))
    except MissingExtraError:
        raise MissingExtraError("advise", "report") from None
    deliver(f"{text}\n", output_file)


def _text(advices: Advices, requests: int, skipped: int, book: PriceBook) -> Iterator[str]:
    from cachelint.report.renderers.amounts import plural

    looked_at = f"{plural(requests, 'request')}, {plural(len(advices.sites), 'call site')}"
    yield f"Advice from {looked_at}; {plural(skipped, 'line')} left out"
    for advice in advices.sites:
        yield ""
        yield from _lines_of(advice, book)
    for model in advices.unknown_models:
        yield f"\n{model}: its caching facts are unknown, so nothing can be said"
    yield f"\n{_ASSUMPTIONS}"


def _lines_of(advice: Advice, book: PriceBook) -> Iterator[str]:
    from cachelint.advice.wording import instructions
    from cachelint.report.renderers.amounts import decimals, money

    spent, saved = (_dollars(amount, advice.model, book) for amount in (advice.observed, advice.saving))
    places = decimals(spent)
    yield f"{advice.site}   {advice.model}   {advice.requests:,} requests, prompts {money(spent, places)}"
    if advice.placement is None:
        yield "  The breakpoints are as good as any."
    else:
        yield f"  {money(saved, places)} ({advice.share:.0%}) less with exactly these breakpoints:"
        yield from (f"  - {sentence}" for sentence in instructions(advice.placement))
    if advice.lost_otherwise > advice.observed * _WORTH_SAYING:
        lost = money(_dollars(advice.lost_otherwise, advice.model, book), places)
        yield f"  {lost} more went to misses of which breakpoints are no cause: cachelint report says why."
    if advice.unstable:
        yield f"  {_UNSTABLE}"


def _document(advices: Advices, skipped: int, book: PriceBook) -> dict[str, Any]:
    """The JSON document. Money in decimal strings, null where the model has no price."""
    from cachelint.advice.wording import instructions, summary

    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else f"{amount:f}"

    return {
        "schema": 1,
        "sites": [
            {
                "call_site": advice.site,
                "model": advice.model,
                "requests": advice.requests,
                "cost_usd": text(_dollars(advice.observed, advice.model, book)),
                "saving_usd": text(_dollars(advice.saving, advice.model, book)),
                "saving_ratio": round(advice.share, 4),
                "lost_otherwise_usd": text(_dollars(advice.lost_otherwise, advice.model, book)),
                "placement": summary(advice.placement) if advice.placement else None,
                "changes": list(instructions(advice.placement)) if advice.placement else [],
                "unstable": advice.unstable,
            }
            for advice in advices.sites
        ],
        "unknown_models": list(advices.unknown_models),
        "skipped_lines": skipped,
        "assumptions": _ASSUMPTIONS,
    }


def _dollars(tokens: float, model: str, book: PriceBook) -> Decimal | None:
    """Input tokens in USD at today's price of the model, the one for short prompts where there are several."""
    today = datetime.now(UTC).date()
    prices = [price for price in book.prices(model) if _holds(price.since, price.until, today)]
    if not prices:
        return None
    price = min(prices, key=lambda price: price.above).input
    return (Decimal(round(tokens)) * price / 1_000_000).quantize(Decimal("0.000001"))


def _holds(since: date, until: date, day: date) -> bool:
    return since <= day < until
