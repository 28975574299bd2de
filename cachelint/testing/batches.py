"""Message batches of the simulated API: created, answered at once, and read back as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cachelint.testing.answers import Failure

Answering = Callable[[Mapping[str, Any]], Mapping[str, Any] | Failure]
"""Answers the `params` of one item with a message or a failure."""


class Batches:
    """All batches of one simulated API. A batch has ended by the time that its creation is answered."""

    def __init__(self, identity: Callable[[str], str], now: Callable[[], datetime]) -> None:
        self._identity = identity
        self._now = now
        self._batches: dict[str, dict[str, Any]] = {}
        self._results: dict[str, bytes] = {}

    def create(self, body: Mapping[str, Any], answer: Answering) -> dict[str, Any]:
        """Answer every item of `body["requests"]` in order; the new batch as the API describes it."""
        identity = self._identity("msgbatch")
        lines = [_line(item, answer(item.get("params") or {})) for item in body.get("requests") or ()]
        self._results[identity] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        self._batches[identity] = self._described(identity, lines)
        return self._batches[identity]

    def get(self, identity: str) -> dict[str, Any] | None:
        """One batch, or None."""
        return self._batches.get(identity)

    def all(self) -> dict[str, Any]:
        """The page that lists all batches, newest first."""
        newest_first = list(reversed(self._batches.values()))
        ids = [batch["id"] for batch in newest_first]
        edges = {"first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}
        return {"data": newest_first, "has_more": False, **edges}

    def results(self, identity: str) -> bytes | None:
        """The results of a batch as JSON lines, or None."""
        return self._results.get(identity)

    def _described(self, identity: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        outcomes = [line["result"]["type"] for line in lines]
        created = self._now()
        return {
            "id": identity,
            "type": "message_batch",
            "processing_status": "ended",
            "request_counts": {
                "processing": 0,
                "succeeded": outcomes.count("succeeded"),
                "errored": outcomes.count("errored"),
                "canceled": 0,
                "expired": 0,
            },
            "created_at": created.isoformat(),
            "ended_at": created.isoformat(),
            "expires_at": (created + timedelta(days=1)).isoformat(),
            "cancel_initiated_at": None,
            "archived_at": None,
            "results_url": f"/v1/messages/batches/{identity}/results",
        }


def _line(item: Mapping[str, Any], answer: Mapping[str, Any] | Failure) -> dict[str, Any]:
    result: dict[str, Any]
    if isinstance(answer, Failure):
        result = {"type": "errored", "error": answer.body(request_id="")}
    else:
        result = {"type": "succeeded", "message": answer}
    return {"custom_id": item.get("custom_id"), "result": result}
