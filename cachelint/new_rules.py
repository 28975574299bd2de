"""New rules: those that came after the version that a project is known to use, so that an upgrade says what it brings.

What a project knows is said by `rules-version` in its configuration, or else by its baseline; where neither says it,
new are the rules of the running release. Only `rules-version` keeps the findings of new rules from failing a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cachelint.baseline import Baseline
from cachelint.config import Settings
from cachelint.errors import ConfigurationError
from cachelint.findings import Finding
from cachelint.rulebook import Rule, Rulebook

_Release = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class NewRules:
    """The rules that a project does not know yet."""

    since: Mapping[str, str]
    """Code to the version that brought the rule."""
    known: str = ""
    """What says which rules the project knows: ``The baseline was written by 0.1.0``; empty where nothing does."""
    pending: bool = False
    """Whether what they find is reported without failing the run."""

    def marked(self, finding: Finding) -> Finding:
        """The finding, with the version that brought its rule where that is new."""
        version = self.since.get(finding.code)
        return finding if version is None else replace(finding, new_in=version)


def new_rules(settings: Settings, baseline: Baseline | None, rules: Rulebook) -> NewRules:
    """The rules that are new to a project with these settings and this baseline, but none that it selects singly.

    Raises `ConfigurationError` where `rules-version` is a version that is still to come.
    """
    named = {rules.code_of(each) for each in (*settings.select, *settings.extend_select)}
    candidates = [rule for rule in rules if rule.code not in named]
    if settings.rules_version is not None:
        _refuse_future(settings, rules)
        known = f"rules-version is {settings.rules_version} ({settings.origin('rules_version')})"
        return NewRules(_after(_release(settings.rules_version), candidates), known, pending=True)
    if baseline is not None and baseline.version[:1].isdigit():
        known = f"The baseline was written by {baseline.version}"
        return NewRules(_after(_release(baseline.version), candidates), known)
    return NewRules(_of_running_release(candidates, rules))


def _refuse_future(settings: Settings, rules: Rulebook) -> None:
    wanted = settings.rules_version or ""
    if _release(wanted) <= max(_release(rule.since) for rule in rules):
        return
    # Only now: finding out which version runs takes as long as the rest of a run that finds its outcome in the cache.
    from cachelint import __version__

    if __version__[:1].isdigit() and _release(wanted) > _release(__version__):
        raise ConfigurationError(
            f"rules-version ({settings.origin('rules_version')}) is {wanted}, and this is cachelint {__version__}: "
            "upgrade cachelint, or name an earlier version"
        )


def _after(release: _Release, rules: Iterable[Rule]) -> Mapping[str, str]:
    return MappingProxyType({rule.code: rule.since for rule in rules if _release(rule.since) > release})


def _of_running_release(candidates: Iterable[Rule], rules: Rulebook) -> Mapping[str, str]:
    """The rules that came with the running major and minor version, but none that there was from the beginning."""
    later = _after(min(_release(rule.since) for rule in rules), candidates)
    if not later:
        return later
    from cachelint import __version__

    running = _release(__version__)[:2]
    return MappingProxyType({code: since for code, since in later.items() if _release(since)[:2] == running})


def _release(version: str) -> _Release:
    """Major, minor and patch of ``0.2.0``, ``0.2`` or ``0.2.0rc1``; what is missing is 0."""
    found = re.match(r"(\d+)?(?:\.(\d+))?(?:\.(\d+))?", version)
    major, minor, patch = (int(part or 0) for part in (found.groups() if found else ("0", "0", "0")))
    return major, minor, patch
