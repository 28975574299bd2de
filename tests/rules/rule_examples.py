"""The fenced examples of the rule files: what each of them is and what it promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cachelint.rulebook import Rule, rulebook

MARK = "# <-"
_FENCE = re.compile(r"^```python (bad|good)((?: allow=CL\d+)*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One fenced block of a rule file."""

    rule: Rule
    number: int
    """Counts the examples of the rule from 1."""
    kind: str
    """``bad`` or ``good``."""
    section: str
    """The heading under which it stands."""
    allowed: frozenset[str]
    """Codes besides the rule's own that it may produce."""
    sources: dict[str, str]
    """File name to text."""

    @property
    def marked(self) -> set[tuple[str, int]]:
        """File name and row of each line that is marked."""
        return {
            (name, row)
            for name, text in self.sources.items()
            for row, line in enumerate(text.splitlines(), 1)
            if line.rstrip().endswith(MARK)
        }

    def __str__(self) -> str:
        return f"{self.rule.code}-{self.kind}-{self.number}"


def examples() -> Iterator[Example]:
    """All examples of all rules, in order."""
    for rule in rulebook():
        for number, fence in enumerate(_FENCE.finditer(rule.body), 1):
            kind, allowed, text = fence.groups()
            *_, section = _HEADING.findall(rule.body, 0, fence.start())
            yield Example(rule, number, kind, section, frozenset(re.findall(r"CL\d+", allowed)), files(text))


def files(text: str) -> dict[str, str]:
    """The files of a block: `main.py`, or what its `# file:` lines name."""
    head, *rest = _FILE.split(text)
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    return named if named else {"main.py": head}
