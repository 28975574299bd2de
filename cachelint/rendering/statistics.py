"""How many findings there are of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from cachelint.findings import Finding


@dataclass(frozen=True, slots=True)
class Count:
    """The findings of one rule."""

    count: int
    code: str
    name: str
    fixable: int
    """How many of them have a fix, safe or unsafe."""


def count_by_rule(findings: Iterable[Finding]) -> list[Count]:
    """One count per rule that has findings, the most frequent first."""
    total: Counter[tuple[str, str]] = Counter()
    fixable: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        total[finding.code, finding.name] += 1
        fixable[finding.code, finding.name] += finding.fix is not None
    rows = [Count(count, code, name, fixable[code, name]) for (code, name), count in total.items()]
    return sorted(rows, key=lambda row: (-row.count, row.code))


def statistics_text(counts: list[Count]) -> str:
    """A line per rule: how many, which, and how many of them are fixable."""
    digits = max((len(f"{row.count:,}") for row in counts), default=0)
    return "".join(
        f"{row.count:>{digits},}  {row.code}  {row.name}{f'  ({row.fixable:,} fixable)' if row.fixable else ''}\n"
        for row in counts
    )


def statistics_objects(counts: list[Count]) -> list[dict[str, Any]]:
    """An object per rule: count, code, name, fixable."""
    return [asdict(row) for row in counts]
