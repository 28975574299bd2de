"""Puts what logs say of each call beside the findings about it; every lost dollar is counted once in the totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.attribution.explaining import explaining
from cachelint.attribution.locating import Locator
from cachelint.findings import Finding, Location, RequestSite, Usage

if TYPE_CHECKING:
    from datetime import datetime

    from cachelint.findings import BrokenRequest
    from cachelint.report.losses import CallSite, Loss, Traffic

NOTHING = Decimal(0)

Key = tuple[str, Location]
"""What a finding is known by within a run: code and place."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A loss, the call of the source that had it, and the findings that explain it."""

    loss: Loss
    site: RequestSite | None
    """None where the source has no such call."""
    findings: tuple[Finding, ...]

    @property
    def is_expected(self) -> bool:
        """Whether it has to be, as after a long pause, and no finding says otherwise."""
        return self.loss.verdict == "expected" and not self.findings


@dataclass(frozen=True, slots=True)
class Measurement:
    """What logs say of the findings of a project."""

    usages: Mapping[Key, Usage]
    """Of every finding that is about a request."""
    explained: tuple[Explained, ...]
    """Every loss of the logs, the costliest first."""
    elsewhere: tuple[Traffic, ...]
    """The traffic of calls that the source does not have, the costliest first."""
    requests: int
    """All that the logs name a call site of."""
    first: datetime | None
    last: datetime | None

    def priced(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """`findings` with what they cost, the costliest first; those that cost nothing keep their order."""
        found = [replace(finding, usage=self.usages.get(key_of(finding))) for finding in findings]
        return tuple(sorted(found, key=_costliest_first))

    @property
    def avoidable(self) -> Decimal:
        """What was lost in all, without what has to be expected and no finding explains."""
        return sum((each.loss.cost or NOTHING for each in self.explained if not each.is_expected), NOTHING)

    def cost_of(self, findings: Iterable[Finding]) -> Decimal:
        """What these findings cost together."""
        keys = {key_of(finding) for finding in findings}
        return sum(
            (each.loss.cost or NOTHING for each in self.explained if keys & {key_of(one) for one in each.findings}),
            NOTHING,
        )


def key_of(finding: Finding) -> Key:
    """What a finding is known by within a run."""
    return finding.code, finding.location


def measure(
    findings: Sequence[Finding], requests: Iterable[RequestSite], traffic: Sequence[Traffic], losses: Iterable[Loss]
) -> Measurement:
    """Matches logs with source. `findings`: all of the project; `requests`: all of its calls that send prompts."""
    broken = _by_call(findings)
    sites = {*requests, *(each.site for pairs in broken.values() for _, each in pairs)}
    locator = Locator(sites, traffic)
    located = {each.call_site: locator.find(each.call_site) for each in traffic}
    explained = tuple(_explained(loss, located, broken) for loss in sorted(losses, key=_size, reverse=True))
    dated = [each for each in traffic if each.first is not None and each.last is not None]
    return Measurement(
        usages={key_of(finding): usage for finding, usage in _usages(findings, traffic, located, explained)},
        explained=explained,
        elsewhere=tuple(sorted((t for t in traffic if located[t.call_site] is None), key=_traffic_size, reverse=True)),
        requests=sum(each.requests for each in traffic),
        first=min((each.first for each in dated if each.first), default=None),
        last=max((each.last for each in dated if each.last), default=None),
    )


def _by_call(findings: Iterable[Finding]) -> dict[Location, list[tuple[Finding, BrokenRequest]]]:
    pairs: dict[Location, list[tuple[Finding, BrokenRequest]]] = defaultdict(list)
    for finding in findings:
        for broken in finding.broken:
            pairs[broken.site.location].append((finding, broken))
    return pairs


def _explained(
    loss: Loss,
    located: Mapping[CallSite, RequestSite | None],
    broken: Mapping[Location, Sequence[tuple[Finding, BrokenRequest]]],
) -> Explained:
    site = located.get(loss.call_site)
    return Explained(loss, site, explaining(loss, broken.get(site.location, ())) if site is not None else ())


def _usages(
    findings: Iterable[Finding],
    traffic: Iterable[Traffic],
    located: Mapping[CallSite, RequestSite | None],
    explained: Iterable[Explained],
) -> Iterator[tuple[Finding, Usage]]:
    at: dict[Location, list[Traffic]] = defaultdict(list)
    for each in traffic:
        site = located[each.call_site]
        if site is not None:
            at[site.location].append(each)
    parts: dict[Key, list[Explained]] = defaultdict(list)
    for part in explained:
        for finding in part.findings:
            parts[key_of(finding)].append(part)
    for finding in findings:
        if finding.broken:
            sent = [each for broken in finding.broken for each in at[broken.site.location]]
            yield finding, _usage(finding, sent, parts[key_of(finding)])


def _usage(finding: Finding, sent: Sequence[Traffic], parts: Sequence[Explained]) -> Usage:
    shared = [part for part in parts if len(part.findings) > 1]
    others = {key_of(other): None for part in shared for other in part.findings if key_of(other) != key_of(finding)}
    return Usage(
        requests=sum(each.requests for each in sent),
        lost_requests=sum(part.loss.requests for part in parts),
        lost_tokens=sum(part.loss.tokens for part in parts),
        lost_usd=_sum(parts),
        causes=tuple(dict.fromkeys(part.loss.code for part in parts)),
        shared_usd=_sum(shared) if shared else None,
        shared_with=tuple(sorted(others)),
        first=min((each.first for each in sent if each.first), default=None),
        last=max((each.last for each in sent if each.last), default=None),
    )


def _sum(parts: Sequence[Explained]) -> Decimal | None:
    """What losses cost; None where some cost something that is not known, and nothing else is."""
    costs = [part.loss.cost for part in parts if part.loss.cost is not None]
    return None if parts and not costs else sum(costs, NOTHING)


def _size(loss: Loss) -> tuple[Decimal, int, str, str]:
    return loss.cost or NOTHING, loss.tokens, loss.code, loss.call_site.place


def _traffic_size(traffic: Traffic) -> tuple[Decimal, int, str]:
    return traffic.cost or NOTHING, traffic.requests, traffic.call_site.place


def _costliest_first(finding: Finding) -> tuple[Decimal, int, int]:
    usage = finding.usage
    return (-(usage.lost_usd or NOTHING), -usage.lost_tokens, -usage.requests) if usage else (NOTHING, 0, 0)
