"""Warns, once for each call site, that it breaks the cache of its own prompt."""

from __future__ import annotations

import logging

from cachelint.runtime.record import UsageRecord

_logger = logging.getLogger("cachelint")
_MOST_SITES = 1_000

_PHRASES = {
    "reordered-tools": "its tools come in another order",
    "added-tools": "tools were added",
    "removed-tools": "tools were removed",
    "history-shifted": "the history has moved: earlier messages are gone",
    "reordered-keys": "the keys of its JSON come in another order",
    "reordered-items": "its items come in another order",
    "reordered-lines": "its lines come in another order",
    "whitespace": "only its whitespace differs",
    "added": "a block was put in there",
    "removed": "a block is gone",
}


class Breakage:
    """The call sites that have been warned about."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def warn(self, record: UsageRecord) -> None:
        """Logs a warning if this record is the first of its call site with a divergence that costs something."""
        divergence = record.get("divergence")
        site = record["call_site"] or "a request"
        if divergence is None or not divergence["tokens_at_risk"] or site in self._warned:
            return
        if len(self._warned) < _MOST_SITES:
            self._warned.add(site)
            _logger.warning(
                "%s breaks the cache of its own prompt: %s differs from the request before, %s. "
                "About %d tokens that were cached cannot be read. (Said once for each call site.)",
                site,
                divergence["position"],
                _PHRASES.get(divergence["change"])
                or f"at byte {divergence['offset']}, where there is {_kind(divergence['after'])}",
                divergence["tokens_at_risk"],
            )


def _kind(shape: str) -> str:
    if shape in ("nothing", "whitespace", "punctuation"):
        return shape
    return f"{'an' if shape[0] in 'aeio' else 'a'} {shape}"
