"""What each call site sent and lost, with what the log knows of the loss: the part of a report that source is read by.

The causes and the money are those of the diagnosis; nothing is diagnosed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from cachelint.report.engine import Engine


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where a log says that requests were sent from."""

    place: str
    """As the log has it: ``support/agent.py:33``."""
    function: str | None
    """The qualified name of the function around it, where the log knows it."""

    @property
    def path(self) -> str:
        """The file, with forward slashes."""
        path, _, row = self.place.rpartition(":")
        return (path if path and row.isdigit() else self.place).replace("\\", "/")

    @property
    def row(self) -> int | None:
        """The line, from 1; None where the log names only the file."""
        path, _, row = self.place.rpartition(":")
        return int(row) if path and row.isdigit() else None


@dataclass(frozen=True, slots=True)
class Traffic:
    """All requests of a call site."""

    call_site: CallSite
    requests: int
    cost: Decimal | None
    """In USD, of the requests that have a price; None when none has."""
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Loss:
    """Requests of a call site that lost cached tokens for one cause, and are alike in what the log knows of them.

    What it cannot know is None: all but the cause for requests that continue none.
    """

    call_site: CallSite
    code: str
    requests: int
    tokens: int
    cost: Decimal | None
    """As in `Miss`."""
    verdict: str
    """`avoidable`, `expected` or `unknown`, as in `Miss`."""
    tier: str | None
    """Where the prompt diverges from that of the request before: tools, system or messages."""
    position: str | None
    """The block there: ``system[0]``."""
    parameters: tuple[str, ...]
    """Those that changed."""
    new_process: bool | None
    """Whether another process sent it than the request before."""
    new_host: bool | None
    hour_changed: bool | None
    """Whether an hour or a day may have ended between the two, in any time zone: a full quarter of an hour has."""
    begins: bool | None
    """Whether it has no more blocks than the request before, as the first request of a conversation has."""


_TRAFFIC = """
SELECT records.call_site, records.function, count(*) FILTER (leads) AS requests, sum(cost) AS cost,
    min(priced.started) AS first, max(priced.started) AS last
FROM priced SEMI JOIN selected USING (response) JOIN records ON records.rowid = priced.response
WHERE records.call_site IS NOT NULL GROUP BY ALL
"""

_LOSSES = """
SELECT records.call_site, records.function, code, verdict, count(*) AS requests, sum(tokens)::BIGINT AS tokens,
    sum(blamed.cost) AS cost,
    json_extract_string(records.divergence, '$.tier') AS tier,
    json_extract_string(records.divergence, '$.position') AS position,
    CASE WHEN code = 'CL804' THEN detail WHEN code = 'CL805' THEN 'model' END AS parameters,
    records.process <> before.process AS new_process,
    split_part(records.process, ' ', 1) <> split_part(before.process, ' ', 1) AS new_host,
    time_bucket(INTERVAL 15 MINUTE, requests.started) <> time_bucket(INTERVAL 15 MINUTE, previous_started)
        AS hour_changed,
    records.blocks <= before.blocks AS begins
FROM blamed JOIN requests USING (response) JOIN records ON records.rowid = response
    LEFT JOIN records AS before ON before.rowid = previous
WHERE records.call_site IS NOT NULL GROUP BY ALL
"""


def traffic_of(engine: Engine) -> tuple[Traffic, ...]:
    """The selected requests by call site and function, in no order."""
    return tuple(
        Traffic(
            CallSite(record["call_site"], record["function"]),
            record["requests"],
            dollars(record["cost"]),
            record["first"],
            record["last"],
        )
        for record in engine.records(_TRAFFIC)
    )


def losses_of(engine: Engine) -> tuple[Loss, ...]:
    """Every blamed request in exactly one of the losses, in no order."""
    return tuple(_loss(record) for record in engine.records(_LOSSES))


def _loss(record: dict[str, Any]) -> Loss:
    return Loss(
        call_site=CallSite(record["call_site"], record["function"]),
        code=record["code"],
        requests=record["requests"],
        tokens=record["tokens"],
        cost=dollars(record["cost"]),
        verdict=record["verdict"],
        tier=record["tier"],
        position=record["position"],
        parameters=tuple(record["parameters"].split(", ")) if record["parameters"] else (),
        new_process=record["new_process"],
        new_host=record["new_host"],
        hour_changed=record["hour_changed"],
        begins=record["begins"],
    )
