"""Which findings a run reports: selectors, per-file ignores, confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from posixpath import basename

from cachelint.config import Settings
from cachelint.errors import ConfigurationError
from cachelint.findings import Confidence, Finding
from cachelint.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are wanted, in general and in each file."""

    codes: frozenset[str]
    ignored_in: tuple[tuple[str, frozenset[str]], ...]
    """Glob and the codes that are left out in the files that it matches."""
    pedantic: bool

    def keeps(self, finding: Finding) -> bool:
        """Whether `finding` is reported."""
        if finding.code not in self.codes or (finding.confidence is Confidence.LOW and not self.pedantic):
            return False
        filename = finding.location.filename
        return not any(finding.code in codes and matches(filename, glob) for glob, codes in self.ignored_in)


def selection(settings: Settings, rules: Rulebook) -> Selection:
    """What `settings` select. Raises `ConfigurationError` for a selector that stands for no rule.

    A code is wanted when the most specific selector that stands for it is one of `select` or `extend_select`; where one
    of `ignore` is as specific, it is not.
    """
    wanted = (*(settings.select or ("ALL",)), *settings.extend_select)
    ignored = tuple(
        (glob, _expand("per-file-ignores", selectors, settings, rules))
        for glob, selectors in settings.per_file_ignores.items()
    )
    _expand("select", wanted, settings, rules)
    _expand("ignore", settings.ignore, settings, rules)
    codes = frozenset(
        code for code in rules.names if _specificity(code, wanted, rules) > _specificity(code, settings.ignore, rules)
    )
    return Selection(codes, ignored, settings.pedantic)


def matches(filename: str, glob: str) -> bool:
    """Whether `glob` matches a filename, its last part, or a folder above it; ``*`` also stands for slashes."""
    pattern = glob.removeprefix("./").rstrip("/")
    return any(fnmatchcase(text, pattern) for text in (filename, basename(filename))) or fnmatchcase(
        filename, f"{pattern}/*"
    )


def _specificity(code: str, selectors: Sequence[str], rules: Rulebook) -> int:
    """How closely the closest of `selectors` names `code`: 0 for not at all, more for longer families."""
    fits = [selector for selector in selectors if code in rules.expand([selector])]
    return max(
        (len(code) if rules.code_of(fit) else len(fit) if fit.upper() != "ALL" else 1 for fit in fits), default=0
    )


def _expand(setting: str, selectors: Sequence[str], settings: Settings, rules: Rulebook) -> frozenset[str]:
    try:
        return rules.expand(selectors)
    except ConfigurationError as error:
        origin = settings.origin(setting.replace("-", "_"))
        raise ConfigurationError(f"{setting} ({origin}): {error}") from None
