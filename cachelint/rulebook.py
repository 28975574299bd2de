"""The rulebook: what each code means, and which functions return values that vary, read from `rules/*.md`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cachelint.errors import ConfigurationError
from cachelint.findings import Confidence, Severity

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "CL1": "A value that varies, in the cached prefix",
        "CL2": "An order or a serialization that varies, in the cached prefix",
        "CL3": "A prefix that differs between callers who could share it",
        "CL4": "A conversation whose prefix is rewritten between turns",
        "CL5": "Breakpoints",
        "CL6": "Caching without effect, or none where it would pay",
        "CL7": "Code that reads `usage` wrongly",
        "CL8": "Seen in logs",
        "CL9": "About the run itself",
    }
)
"""What the codes of a family have in common."""

_FENCE = "+++"
_LOOKALIKES = str.maketrans("oil", "011")
"""Letters that are easily typed, or read, for digits of a code."""


@dataclass(frozen=True, slots=True)
class Source:
    """Functions that return something else each time, and in which way.

    Where the patterns of two sources match one name, the longer pattern decides, also when its `when` does not hold.
    """

    functions: tuple[str, ...]
    """Dotted names as imported; ``()`` stands for the result of a call and ``*`` for any text, at either end or
    inside: ``random.SystemRandom().*``. A leading ``*.`` stands for any receiver. Builtins are ``builtins.id``."""
    period: str
    """How often it changes: request, turn, session, process, host, day or deploy."""
    varies: str = "value"
    """``value``; or ``order``: the elements are stable, their order is not."""
    result: str = "object"
    """What it returns: datetime, date, time (a struct_time), number, text, uuid, set, list or object; or
    ``argument``: the call changes its first argument in place."""
    when: str = "always"
    """Which calls count. What is said of arguments holds for the call itself or for the call that made the object
    to which the function belongs: ``random.Random(0).choice``, ``joblib.Parallel(return_as=...)(...)``.

    ``no-arguments``, ``one-argument``: positional and keyword arguments together;
    ``argument:now,today``: the first argument is one of these constants;
    ``keyword:name=value``: the keyword argument is this constant;
    ``not-number``: the argument is not known to be an int, float or bool;
    ``unordered-sql``: the statement reads rows and has no ORDER BY;
    ``undated``: no argument leaves the time out (mtime=, metadata=);
    ``vector``: the same, and the picture is known to be written as PDF, PostScript or SVG, which hold the time;
    ``unseeded``: no argument is a constant seed (seed=, random_state=).
    """
    how: str = "called"
    """``called``; ``read``: an attribute or name, not a call; ``environment``: names of environment variables;
    ``named``: names of parameters and of attributes of unknown objects."""
    confidence: Confidence | None = None
    """A cap on the confidence of findings, where the name alone proves little."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code: its front matter and the text that explains it."""

    code: str
    name: str
    summary: str
    """One sentence: what is wrong when this code appears."""
    severity: Severity
    confidence: Confidence
    fix: str
    """``none``, ``safe``, ``unsafe`` or ``both``."""
    help: str
    """One imperative sentence: what to do."""
    since: str
    """The version that brought the rule."""
    tiers: tuple[str, ...] = ()
    """What is always lost, of tools, system and messages; empty where it depends on the finding."""
    causes: tuple[str, ...] = ()
    """Of a code that is seen in logs: the codes and families of what in the source can bring it about."""
    safe: frozenset[str] = frozenset()
    """Names that never count, whatever pattern they match."""
    sources: tuple[Source, ...] = ()
    body: str = field(default="", repr=False)
    """The Markdown text after the front matter."""
    path: str = ""
    """The file's name: ``CL101-clock-in-prefix.md``."""

    @property
    def family(self) -> str:
        """The first part of the code: ``CL1``."""
        return self.code[:3]

    @property
    def seen_in_logs(self) -> bool:
        """True for the codes that `cachelint report` prints; the others come from `cachelint check`."""
        return self.family == "CL8"

    def is_caused_by(self, code: str) -> bool:
        """Whether a finding with this code can bring about what this rule sees in logs."""
        return code.startswith(self.causes)


class Rulebook:
    """All rules, in the order of their codes. A rule is read when it is first asked for: most runs need only a few."""

    def __init__(self, names: Mapping[str, str], read: Callable[[str], Rule]) -> None:
        """`names` are by code, in order; `read` returns the rule with a code."""
        self.names = names
        self._read = cache(read)
        self._codes_by_key = {key.casefold(): code for code, name in names.items() for key in (code, name)}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule."""
        return tuple(self._read(code) for code in self.names)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def code_of(self, code_or_name: str) -> str | None:
        """The code of the rule with this code or this name, in any case; None when there is none."""
        return self._codes_by_key.get(code_or_name.casefold())

    def find(self, code_or_name: str) -> Rule | None:
        """The rule with this code or this name, in any case; None when there is none."""
        code = self.code_of(code_or_name)
        return None if code is None else self._read(code)

    def nearest(self, word: str) -> str | None:
        """The code or name that `word` was probably meant to be."""
        spellings = {key.casefold(): key for code, name in self.names.items() for key in (code, name)}
        typed = word.casefold()
        if typed.startswith("cl") and "-" not in typed:
            typed = "cl" + typed[2:].translate(_LOOKALIKES)
        near = difflib.get_close_matches(typed, spellings, n=1)
        return spellings[near[0]] if near else None

    def expand(self, selectors: Iterable[str]) -> frozenset[str]:
        """The codes that codes, names, families (``CL1``) and ``CL`` or ``ALL`` stand for.

        Raises `ConfigurationError` for a selector that stands for nothing.
        """
        return frozenset(code for selector in selectors for code in self._codes(selector))

    def _codes(self, selector: str) -> list[str]:
        single = self.code_of(selector)
        if single is not None:
            return [single]
        prefix = "CL" if selector.upper() == "ALL" else selector.upper()
        codes = [code for code in self.names if code.startswith(prefix)] if prefix.startswith("CL") else []
        if not codes:
            raise ConfigurationError(f"unknown rule `{selector}`{self._suggestion(selector)}")
        return codes

    def _suggestion(self, word: str) -> str:
        near = self.nearest(word)
        return f"; did you mean `{near}`?" if near else "; `cachelint rules` lists them all"


@cache
def rulebook() -> Rulebook:
    """The rules that come with this version."""
    files = {file.name[:5]: file for file in sorted(rules_folder().glob("CL*.md"))}
    names = {code: file.stem.removeprefix(f"{code}-") for code, file in files.items()}
    return Rulebook(MappingProxyType(names), lambda code: _read(files[code]))


def rules_folder() -> Path:
    """The folder of the rule files: inside the package when it is installed, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parent / "rules"


def _read(file: Path) -> Rule:
    _, front, body = file.read_text(encoding="utf-8").split(f"{_FENCE}\n", 2)
    matter = tomllib.loads(front)
    return Rule(
        code=matter["code"],
        name=matter["name"],
        summary=matter["summary"],
        severity=Severity(matter["severity"]),
        confidence=Confidence(matter["confidence"]),
        fix=matter["fix"],
        help=matter["help"],
        since=matter["since"],
        tiers=tuple(matter.get("tiers", ())),
        causes=tuple(matter.get("causes", ())),
        safe=frozenset(matter.get("safe", ())),
        sources=tuple(_source(table) for table in matter.get("sources", ())),
        body=body.strip() + "\n",
        path=file.name,
    )


def _source(table: dict[str, Any]) -> Source:
    confidence = table.pop("confidence", None)
    return Source(
        functions=tuple(table.pop("functions")),
        confidence=None if confidence is None else Confidence(confidence),
        **table,
    )
