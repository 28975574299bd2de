"""Which requests a report is about, and what they can be grouped by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cachelint.errors import ConfigurationError
from cachelint.report.engine import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

DIMENSIONS: Mapping[str, str] = {
    "model": "model",
    "day": "strftime(started, '%Y-%m-%d')",
    "hour": "strftime(started, '%Y-%m-%d %H:00')",
    "call-site": "call_site",
    "session": "session",
    "workspace": "workspace",
    "source": "source",
    "platform": "platform",
}
"""What `--by` takes -> SQL over the priced table."""

IN_TIME_ORDER = frozenset({"day", "hour"})
"""The dimensions whose rows are sorted by name; all others by what they cost."""

_AGO = re.compile(r"^(\d+)\s*(m|h|d|w)$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Requests of certain models and sources in a period. The default is all of them."""

    since: datetime | None = None
    until: datetime | None = None
    models: tuple[str, ...] = ()
    """Ids as returned, or parts of them."""
    sources: tuple[str, ...] = ()
    """Names of log sources: ``claude-code``."""
    days: int | None = None
    """Only the last days of the log, counted back from its last request."""

    def predicate(self) -> str:
        """An SQL predicate over the priced table. Requests without a time are in no period."""
        conditions: list[str] = []
        if self.since is not None:
            conditions.append(f"started >= TIMESTAMP '{self.since}'")
        if self.until is not None:
            conditions.append(f"started < TIMESTAMP '{self.until}'")
        if self.days is not None:
            conditions.append(f"started > (SELECT max(started) FROM usage) - INTERVAL {self.days} DAY")
        if self.models:
            conditions.append(" OR ".join(f"contains(model, {quote(name)})" for name in self.models))
        if self.sources:
            conditions.append(f"source IN ({', '.join(map(quote, self.sources))})")
        return " AND ".join(f"({condition})" for condition in conditions) or "true"


def parse_time(text: str, now: datetime) -> datetime:
    """A day, a time (UTC unless it says otherwise) or an age such as `7d`, as naive UTC.

    Raises `ConfigurationError` for anything else. A day means its beginning.
    """
    if ago := _AGO.match(text.strip()):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is no time: expected 2026-11-23, 2026-11-23T14:00 or an age such as 7d"
        ) from None
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None) - offset if offset is not None else moment
