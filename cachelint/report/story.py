"""The story of one request: what it sent, what it should have read, what it read, why, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError
from cachelint.report.building import analyse
from cachelint.report.record_columns import IDENTITIES
from cachelint.report.renderers import amounts
from cachelint.report.totals import dollars
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cachelint.report.building import Options

_REQUEST = """
SELECT requests.*, records.id, records.request_id, records.markers,
    concat_ws(' / ', records.session, records.thread) AS conversation_name,
    blamed.code, blamed.detail, blamed.confidence, blamed.cost AS blamed_cost, blamed.tokens AS blamed_tokens
FROM requests JOIN records ON records.rowid = requests.response LEFT JOIN blamed USING (response)
WHERE (records.id = ? OR records.request_id = ?) AND selected LIMIT 1
"""

_IDENTITY = "SELECT id FROM records WHERE rowid = ?"

_NEIGHBOURS = """
SELECT count(*) FILTER (started < ?), count(*), max(read) FILTER (started > ?)
FROM requests WHERE conversation = ? AND lane = ?
"""


def tell_story(
    logs: Sequence[str], response_id: str, options: Options, progress: Callable[[str], None] = lambda _: None
) -> str:
    """A paragraph about the response with this id (or the id of its request), as lines of text.

    Raises `InputError` when the logs do not hold it.
    """
    with analyse(logs, options, progress, kept=IDENTITIES) as analysed:
        found = analysed.engine.records(_REQUEST, [response_id, response_id])
        if not found:
            raise InputError(f"{response_id}: no response with this id among those selected")
        request = found[0]
        if request["previous"] is not None:
            (request["previous_id"],) = analysed.engine.row(_IDENTITY, [request["previous"]])
        neighbours: tuple[Any, ...] = (0, 1, None)
        if request["conversation"] is not None:
            moment = request["started"]
            neighbours = analysed.engine.row(_NEIGHBOURS, [moment, moment, request["conversation"], request["lane"]])
    return "\n".join([_title(request), *_account(request), *_expectation(request, neighbours), *_cause(request)]) + "\n"


def _title(request: dict[str, Any]) -> str:
    started = f"{request['started']:%Y-%m-%d %H:%M:%S} UTC" if request["started"] else None
    parts = (request["id"] or request["request_id"], request["model"], started, request["call_site"])
    return "  ".join(part for part in parts if part)


def _account(request: dict[str, Any]) -> Iterator[str]:
    written = ", ".join(
        f"{request[column]:,} written for {lifetime}"
        for column, lifetime in (("write_5m", "5 minutes"), ("write_1h", "1 hour"))
        if request[column]
    )
    parts = [f"{request['read']:,} read from the cache", written, f"{request['input']:,} uncached"]
    yield f"  It sent {request['prompt']:,} tokens: {', '.join(part for part in parts if part)}."
    if request["markers"] is not None:
        yield f"  It set {amounts.plural(request['markers'], 'breakpoint')}."
    if request["cost"] is None:
        yield f"  It wrote {request['output']:,} tokens. There is no price for {request['model']}."
        return
    cost, uncached = dollars(request["cost"]), dollars(request["cost_without_cache"])
    places = amounts.decimals(cost, uncached)
    yield (
        f"  It wrote {request['output']:,} tokens and cost {amounts.money(cost, places)}; "
        f"without a cache it would have cost {amounts.money(uncached, places)}."
    )


def _expectation(request: dict[str, Any], neighbours: tuple[Any, ...]) -> Iterator[str]:
    before, requests, later_read = neighbours
    if request["conversation"] is None:
        yield "  The log names no session for it: what it should have read is not known."
        return
    yield f"  It is request {before + 1} of {requests} of this model in conversation {request['conversation_name']}."
    if request["previous_started"] is not None:
        alive = "within" if request["gap"] <= request["previous_ttl"] else "beyond"
        lifetime = "1 hour" if request["previous_ttl"] == 3600 else "5 minutes"
        name = f" ({request['previous_id']})" if request["previous_id"] else ""
        yield (
            f"  The one before it{name} came {_seconds(request['gap'])} earlier, {alive} the lifetime of its entries "
            f"({lifetime}), and left {request['previous_cached']:,} tokens in the cache."
        )
    if request["should_read"] is not None:
        verdict = "all of it" if not request["lost"] else f"{request['lost']:,} too few"
        yield f"  It should have read {request['should_read']:,} tokens and read {request['read']:,}: {verdict}."
    if request["write_5m"] + request["write_1h"] and later_read is None:
        yield "  Nothing after it reads what it wrote: it is the last of its conversation."


def _cause(request: dict[str, Any]) -> Iterator[str]:
    if request["code"] is None:
        yield "  Nothing is wrong with it."
        return
    rule = rulebook().find(request["code"])
    detail = f": {request['detail']}" if request["detail"] else ""
    lost = dollars(request["blamed_cost"])
    yield (
        f"  Cause: {request['code']}{f' {rule.name}' if rule else ''} (sure: {request['confidence']}){detail}. "
        f"{request['blamed_tokens']:,} tokens, {amounts.money(lost, amounts.decimals(dollars(request['cost'])))}."
    )
    if rule:
        yield f"  {rule.help}   cachelint explain {request['code']}"


def _seconds(gap: float) -> str:
    return f"{gap:.0f} s" if gap < 120 else f"{gap / 60:.0f} min" if gap < 7200 else f"{gap / 3600:.1f} h"
