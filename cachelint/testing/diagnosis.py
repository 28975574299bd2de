"""Cache diagnostics of the simulated API: why a request could not reuse the prefix of the one that it names.

A request opts in with `diagnostics={"previous_message_id": None}` and names the previous response from then on. Source:
Anthropic documentation, Cache diagnostics (2026-08-21), and the SDK's types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cachelint.prompt import blocks, estimate_block_tokens, prompt_parameters
from cachelint.testing.prefix import canonical

_REASONS = {"tools": "tools_changed", "system": "system_changed", "messages": "messages_changed"}


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """What is kept of a request that opted in."""

    workspace: str
    lane: tuple[object, ...]
    """Model and speed."""
    others: Mapping[str, Any]
    """The other parameters that are part of the prompt."""
    rendered: tuple[tuple[str, str, int], ...]
    """Tier, content and tokens of each block."""


class Diagnosis:
    """Remembers the requests that opted in, and compares."""

    def __init__(self) -> None:
        self._known: dict[str, _Fingerprint] = {}

    def of(self, identity: str, body: Mapping[str, Any], workspace: str, betas: Iterable[str]) -> dict[str, Any] | None:
        """The `diagnostics` of the response `identity`; None when there is nothing to say, for whatever reason."""
        asked = body.get("diagnostics")
        if not isinstance(asked, Mapping):
            return None
        new = self._known[identity] = _fingerprint(body, workspace, betas)
        previous = asked.get("previous_message_id")
        if previous is None:
            return None
        old = self._known.get(str(previous))
        if old is None or old.workspace != workspace:
            return {"cache_miss_reason": {"type": "previous_message_not_found"}}
        reason = _difference(old, new)
        return None if reason is None else {"cache_miss_reason": reason}


def _fingerprint(body: Mapping[str, Any], workspace: str, betas: Iterable[str]) -> _Fingerprint:
    model = str(body.get("model"))
    parameters = prompt_parameters(body, betas)
    lane = (parameters.pop("model", None), parameters.pop("speed", None))
    rendered = tuple((b.tier, canonical(b.content), estimate_block_tokens(b.value, model)) for b in blocks(body))
    return _Fingerprint(workspace, lane, parameters, rendered)


def _difference(old: _Fingerprint, new: _Fingerprint) -> dict[str, Any] | None:
    """The earliest reason why `new` does not continue `old`."""
    if old.lane != new.lane:
        return _reason("model_changed", old, 0)
    if _tier(old, "tools") != _tier(new, "tools"):
        return _reason("tools_changed", old, 0)
    if _tier(old, "system") != _tier(new, "system"):
        return _reason("system_changed", old, len(_tier(old, "tools")))
    for index, block in enumerate(old.rendered):
        if index >= len(new.rendered) or new.rendered[index] != block:
            return _reason(_REASONS[block[0]], old, index)
    return {"type": "unavailable"} if old.others != new.others else None


def _tier(fingerprint: _Fingerprint, tier: str) -> list[tuple[str, str, int]]:
    return [block for block in fingerprint.rendered if block[0] == tier]


def _reason(kind: str, old: _Fingerprint, first: int) -> dict[str, Any]:
    return {"type": kind, "cache_missed_input_tokens": sum(tokens for _, _, tokens in old.rendered[first:])}
