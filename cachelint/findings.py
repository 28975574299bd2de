"""What a check reports: a finding, the path of the value that causes it, and the request that it breaks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class Severity(StrEnum):
    """What a finding costs when it is true."""

    INFO = "info"
    """Hygiene, or a loss that happens at most once per day, process or deployment."""
    WARNING = "warning"
    """The prefix is lost across users, processes or turns, or is likely to be lost."""
    ERROR = "error"
    """Each request loses the cache, or the API rejects it."""

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _SEVERITY_ORDER.index(self)

    def lowered(self) -> Severity:
        """One level less severe; info stays info."""
        return _SEVERITY_ORDER[max(0, self.rank - 1)]


class Confidence(StrEnum):
    """How sure the analysis is that the finding is true."""

    LOW = "low"
    """Reported with `--pedantic` only."""
    MEDIUM = "medium"
    HIGH = "high"


_SEVERITY_ORDER = (Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of source. Rows and columns count from 1, columns in characters; the end is exclusive."""

    filename: str
    """Path relative to the project's root, with forward slashes; a cell of a notebook is `book.ipynb#cell3`, from 0."""
    row: int
    column: int
    end_row: int
    end_column: int


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One place on the way of a value from its source to the request."""

    location: Location
    message: str
    """What happens here, as a phrase: ``formatted into TEMPLATE, after 212 stable characters``."""


@dataclass(frozen=True, slots=True)
class RequestSite:
    """The call that sends the prompt."""

    location: Location
    method: str
    """As written, without its arguments: ``client.messages.create``."""
    model: str | None
    """The model id, when the source names it."""
    function: str | None = None
    """The qualified name of the function around it, as Python has it: ``SupportAgent.reply``, ``<module>``."""


@dataclass(frozen=True, slots=True)
class BrokenRequest:
    """A request that a finding breaks, and where in its prompt."""

    site: RequestSite
    position: str | None
    """Of the block: ``system[0]``; or the parameter: ``thinking``; None where it is about neither."""
    tiers: tuple[str, ...]
    """What is lost, in render order, of: tools, system, messages."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the span `location` by `content`."""

    location: Location
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite that removes the finding. `safe` fixes keep the meaning of the program and of the prompt."""

    message: str
    """What the fix does, as an imperative sentence: ``Sort the set before it is rendered``."""
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What usage logs say of the requests that a finding breaks. Money is in USD."""

    requests: int
    """All requests of its calls."""
    lost_requests: int
    """Those that lost cached tokens to it."""
    lost_tokens: int
    lost_usd: Decimal | None
    """What the loss cost; None where the models have no price."""
    causes: tuple[str, ...] = ()
    """The diagnoses of the loss, codes of the family CL8, the costliest first."""
    shared_usd: Decimal | None = None
    """The part of `lost_usd` in which other findings have a part too: it is theirs as well, and lost once."""
    shared_with: tuple[tuple[str, Location], ...] = ()
    """Code and place of these findings."""
    first: datetime | None = None
    """Start of the first of `requests`, naive UTC."""
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, at the line to change."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    """One sentence: what varies and where it lands in the prompt."""
    location: Location
    period: str | None = None
    """How often the value changes: request, turn, session, process, host, day or deploy."""
    flow: tuple[FlowStep, ...] = ()
    """From the source of the variation to the call, both included."""
    request: RequestSite | None = None
    tiers: tuple[str, ...] = ()
    """What is lost, in render order, of: tools, system, messages."""
    impact: str | None = None
    """What a request loses, in tokens and as a multiple of the price of a hit."""
    advice: str | None = None
    """What to do, as one sentence."""
    fix: Fix | None = None
    context: str = ""
    """The text of the line at `location`, stripped: what the fingerprint knows the place by."""
    position: str | None = None
    """The block or parameter of `request` that it is about, as in `BrokenRequest`."""
    others: tuple[BrokenRequest, ...] = ()
    """Further requests that the same place breaks, in the order of the source."""
    usage: Usage | None = None
    """What logs say of it; None where no log was read, or where it is about no request."""
    new_in: str | None = None
    """The version that brought its rule, where the project does not know that rule yet."""

    @property
    def fingerprint(self) -> str:
        """16 hex digits that stay the same when lines move; equal findings on equal lines of a file share one."""
        identity = "\0".join((self.code, self.location.filename, self.context, self.message))
        return hashlib.sha256(identity.encode()).hexdigest()[:16]

    @property
    def broken(self) -> tuple[BrokenRequest, ...]:
        """Every request that it breaks, `request` first."""
        own = (BrokenRequest(self.request, self.position, self.tiers),) if self.request else ()
        return (*own, *self.others)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the run that is no finding: what could not be analysed, and why."""

    location: Location
    message: str
