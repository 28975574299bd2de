"""The API's own diagnosis of cache misses: asks for it, when the user wants that, and reads the answer.

The request names the previous message of the conversation; the response says what differs. Only the first-party API
has it, and nobody else is asked. Source: Anthropic documentation, Cache diagnostics.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from cachelint.runtime.record import DiagnosticsField

_logger = logging.getLogger("cachelint")

FIELD = "diagnostics"


class Diagnostics:
    """Whether to ask. Stops for good when the API refuses the question."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def question(self, body: Mapping[str, Any], previous_message: str | None) -> dict[str, Any] | None:
        """The body with the question, or None to send it as it is: not wanted, or asked by the user."""
        if not self._wanted or FIELD in body or "thread" in body:
            return None
        return {**body, FIELD: {"previous_message_id": previous_message}}

    def refused(self, body: bytes) -> bool:
        """Whether the body of a 400 refuses the question; then it is not asked again. The request shall be resent."""
        if FIELD.encode() not in body:
            return False
        self._wanted = False
        _logger.warning("The API refuses cache diagnostics; cachelint sends the requests without them from now on.")
        return True


def diagnosis(body: Mapping[str, Any], answer: Any) -> DiagnosticsField | None:
    """The field of the record. `answer`: as returned, an Ellipsis when the response did not mention it."""
    requested = body.get(FIELD) is not None
    if not requested and answer is ...:
        return None
    if not isinstance(answer, dict):
        return {"requested": requested, "reason": None}
    reason = answer.get("cache_miss_reason")
    return {"requested": requested, "reason": reason if isinstance(reason, dict) else "pending"}
